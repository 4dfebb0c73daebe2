import { html, type TemplateResult } from 'lit';

/** A coloured initial: the page works offline, so there are no pictures of people. */
export function avatar(name: string): TemplateResult {
  const hue = [...name].reduce((sum, letter) => (sum * 131 + letter.charCodeAt(0)) % 360, 0);
  return html`<span class="avatar" aria-hidden="true" style="background: hsl(${hue} 55% 26%)">${name.charAt(0)}</span>`;
}
