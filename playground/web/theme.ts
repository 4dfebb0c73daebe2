/** Changes between light and dark; index.html reads what was chosen before anything is drawn. */
export function switchTheme(): void {
  const { dataset } = document.documentElement;
  const current = dataset.theme || (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');
  dataset.theme = current === 'light' ? 'dark' : 'light';
  localStorage.setItem('theme', dataset.theme);
}
