/** Puts what a script made between the two marks of that name in a document; all else stays as somebody wrote it. */
export function withMadePart(document: string, name: string, made: string): string {
  const [start, end] = [`<!-- ${name}: made by \`npm run docs\` -->`, `<!-- end of ${name} -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The marks of “${name}” are missing`);
  return `${document.slice(0, from)}${start}\n\n${made}\n\n${document.slice(to)}`;
}
