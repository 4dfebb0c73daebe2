import { html, type TemplateResult } from 'lit';

type Piece = TemplateResult | string;

/** The parts of Discord's Markdown the bot writes, in the order in which they are tried. */
const pattern =
  /\\([^\w\s])|\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\((https?:\/\/[^)\s]+)\)|<t:(\d+)(?::([a-zA-Z]))?>|<@!?(\d+)>|(https?:\/\/[^\s<>]+)/g;

/** Shows a text as Discord would. `nameOf` gives the name behind a user id. */
export function markdown(text: string, nameOf: (id: string) => string): TemplateResult[] {
  return text.split('\n').map((line) => {
    const isQuote = line.startsWith('> ');
    const pieces = inline(isQuote ? line.slice(2) : line, nameOf);
    return isQuote
      ? html`<blockquote>${pieces}</blockquote>`
      : html`<div>${pieces.length > 0 ? pieces : html`<br />`}</div>`;
  });
}

function inline(text: string, nameOf: (id: string) => string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    pieces.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const [, escaped, bold, code, label, address, time, format, user, link] = match;
    if (escaped) pieces.push(escaped);
    else if (bold) pieces.push(html`<strong>${inline(bold, nameOf)}</strong>`);
    else if (code) pieces.push(html`<code>${code}</code>`);
    else if (label && address) pieces.push(html`<a href=${address} target="_blank" rel="noopener">${label}</a>`);
    else if (time) pieces.push(html`<discord-time>${timeText(Number(time), format)}</discord-time>`);
    else if (user) pieces.push(html`<discord-mention type="user">${nameOf(user)}</discord-mention>`);
    else if (link) pieces.push(html`<a href=${link} target="_blank" rel="noopener">${link}</a>`);
  }
  pieces.push(text.slice(end));
  return pieces.filter((piece) => piece !== '');
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

function timeText(seconds: number, format: string | undefined): string {
  if (format !== 'R') return new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const away = Math.round(seconds - Date.now() / 1000);
  return Math.abs(away) < 90 ? relative.format(away, 'second') : relative.format(Math.round(away / 60), 'minute');
}
