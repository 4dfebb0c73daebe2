/** Discord's Markdown as data, so that it can be tested without a page (docs: reference#message-formatting). */

export type Inline =
  | string
  | { type: 'strong' | 'em' | 'underline' | 'strike' | 'spoiler'; children: Inline[] }
  | { type: 'code'; text: string }
  | { type: 'link'; url: string; children: Inline[] }
  | { type: 'time'; seconds: number; style: string }
  | { type: 'user' | 'role' | 'channel'; id: string }
  | { type: 'command' | 'emoji'; name: string };

interface Item {
  children: Inline[];
  /** How far it is moved in, from 0. */
  depth: number;
}

export type Block =
  | { type: 'text' | 'small'; children: Inline[] }
  | { type: 'heading'; level: number; children: Inline[] }
  | { type: 'quote'; children: Block[] }
  | { type: 'list'; isOrdered: boolean; start: number; items: Item[] }
  | { type: 'code'; text: string };

const fence = /```(?:[\w+-]*\n)?([\s\S]+?)```/;

/** The blocks of a text: code first, then what its lines begin with. */
export function parseMarkdown(text: string): Block[] {
  const match = fence.exec(text);
  if (!match) return linesOf(text);
  const before = text.slice(0, match.index).replace(/\n$/, '');
  const after = text.slice(match.index + match[0].length).replace(/^\n/, '');
  const code: Block = { type: 'code', text: (match[1] ?? '').replace(/\n$/, '') };
  return [...(before ? linesOf(before) : []), code, ...(after ? parseMarkdown(after) : [])];
}

const patterns = {
  heading: /^(#{1,3})\s+(\S.*)$/,
  small: /^-#\s+(\S.*)$/,
  restQuoted: /^>>>\s([\s\S]*)$/,
  quote: /^>\s(.*)$/,
  item: /^(\s*)(?:[-*]|(\d+)\.)\s+(\S.*)$/,
};

function linesOf(text: string): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let plain: string[] = [];
  const endPlain = () => {
    if (plain.length > 0) blocks.push({ type: 'text', children: parseInline(plain.join('\n')) });
    plain = [];
  };
  while (lines.length > 0) {
    const block = blockAt(lines);
    if (block) {
      endPlain();
      blocks.push(block);
    } else plain.push(lines.shift() ?? '');
  }
  endPlain();
  return blocks;
}

/** Takes the lines of the block that begins here; nothing where a plain line stands. */
function blockAt(lines: string[]): Block | undefined {
  const [line = ''] = lines;
  const rest = patterns.restQuoted.exec(lines.join('\n'));
  if (rest) {
    lines.splice(0);
    return { type: 'quote', children: linesOf(rest[1] ?? '') };
  }
  if (patterns.quote.test(line)) {
    const quoted = takeWhile(lines, patterns.quote).map((match) => match[1] ?? '');
    return { type: 'quote', children: linesOf(quoted.join('\n')) };
  }
  const heading = patterns.heading.exec(line);
  const small = patterns.small.exec(line);
  if (heading || small) {
    lines.shift();
    if (small) return { type: 'small', children: parseInline(small[1] ?? '') };
    return { type: 'heading', level: heading?.[1]?.length ?? 1, children: parseInline(heading?.[2] ?? '') };
  }
  if (!patterns.item.test(line)) return undefined;
  const start = patterns.item.exec(line)?.[2];
  // A list of the other kind is a list of its own, unless it stands inside this one.
  const isSame = ([, indent = '', number]: RegExpExecArray) =>
    indent.length > 1 || (number === undefined) === (start === undefined);
  const items = takeWhile(lines, patterns.item, isSame);
  return {
    type: 'list',
    isOrdered: start !== undefined,
    start: Number(start ?? 1),
    items: items.map(([, indent = '', , words = '']) => ({
      depth: Math.min(3, Math.ceil(indent.length / 2)),
      children: parseInline(words),
    })),
  };
}

function takeWhile(
  lines: string[],
  pattern: RegExp,
  fits: (match: RegExpExecArray) => boolean = () => true,
): RegExpExecArray[] {
  const matches = lines.map((line) => pattern.exec(line));
  const end = matches.findIndex((match) => !match || !fits(match));
  lines.splice(0, end < 0 ? lines.length : end);
  return matches.slice(0, end < 0 ? matches.length : end).filter((match) => match !== null);
}

type Rule = [pattern: RegExp, read: (match: RegExpExecArray) => Inline];
/** Text between two marks, in which a backslash hides the mark. */
const inner = String.raw`((?:\\[\s\S]|[^\\])+?)`;
const span = (mark: string, after = '') => new RegExp(`${mark}${inner}${mark}${after}`, 'y');
const nested = (type: 'strong' | 'em' | 'underline' | 'strike' | 'spoiler') => (match: RegExpExecArray) =>
  ({ type, children: parseInline(match[1] ?? '') }) as const;

/** What may stand in a line, in the order in which it is tried. */
const rules: Rule[] = [
  [/\\([^A-Za-z0-9\s])/y, ([, sign = '']) => sign],
  [/(`+)([\s\S]*?[^`])\1(?!`)/y, ([, , text = '']) => ({ type: 'code', text: text.trim() || text })],
  [
    /<t:(-?\d{1,13})(?::([tTdDfFsSR]))?>/y,
    ([, seconds, style = 'f']) => ({ type: 'time', seconds: Number(seconds), style }),
  ],
  [/<@!?(\d+)>/y, ([, id = '']) => ({ type: 'user', id })],
  [/<@&(\d+)>/y, ([, id = '']) => ({ type: 'role', id })],
  [/<#(\d+)>/y, ([, id = '']) => ({ type: 'channel', id })],
  [/<\/([^:<>]+):\d+>/y, ([, name = '']) => ({ type: 'command', name })],
  [/<a?:(\w+):\d+>/y, ([, name = '']) => ({ type: 'emoji', name })],
  [/<(https?:\/\/[^\s<>]+)>/y, ([, url = '']) => ({ type: 'link', url, children: [url] })],
  [
    /\[((?:\\[\s\S]|[^\\\]])+)\]\(\s*<?(https?:\/\/(?:[^\s<>()]|\([^\s()]*\))+)>?(?:\s+"[^"]*")?\s*\)/y,
    ([, label = '', url = '']) => ({ type: 'link', url, children: parseInline(label) }),
  ],
  [span(String.raw`\|\|`), nested('spoiler')],
  [span(String.raw`\*\*`, String.raw`(?!\*)`), nested('strong')],
  [span('__', '(?!_)'), nested('underline')],
  [/\*(?=\S)((?:\\[\s\S]|\*\*(?:\\[\s\S]|[^\\*])+\*\*|[^\\*])+?)\*(?!\*)/y, nested('em')],
  [/(?<!\w)_((?:\\[\s\S]|__|[^\\_])+?)_(?!\w)/y, nested('em')],
  [span('~~'), nested('strike')],
  [/https?:\/\/[^\s<]*[^\s<.,:;"'\])]/y, ([url]) => ({ type: 'link', url, children: [url] })],
];

/** What stands in a line: marks, links, mentions, times; all else is text as it is. */
export function parseInline(text: string): Inline[] {
  const pieces: Inline[] = [];
  let plain = '';
  let at = 0;
  while (at < text.length) {
    const [found, length] = ruleAt(text, at);
    if (found === undefined) plain += text.charAt(at);
    else if (typeof found === 'string') plain += found;
    else {
      if (plain) pieces.push(plain);
      plain = '';
      pieces.push(found);
    }
    at += length;
  }
  if (plain) pieces.push(plain);
  return pieces;
}

function ruleAt(text: string, at: number): [found: Inline | undefined, length: number] {
  for (const [pattern, read] of rules) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return [read(match), match[0].length];
  }
  return [undefined, 1];
}

/** The words alone, without any mark. */
export const wordsOf = (pieces: Inline[]): string =>
  pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      if ('children' in piece) return wordsOf(piece.children);
      return piece.type === 'code' ? piece.text : '';
    })
    .join('');

/**
 * A text without marks, in one line, for whoever hears it. Times are left out, as they go on changing, and so is what a
 * spoiler hides.
 */
export const plainWords = (text: string): string =>
  parseMarkdown(text)
    .map(wordsOfBlock)
    .join(' ')
    .replace(/[▰▱🟩🟨⬜]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();

function wordsOfBlock(block: Block): string {
  if (block.type === 'code') return block.text;
  if (block.type === 'quote') return block.children.map(wordsOfBlock).join(' ');
  if (block.type === 'list') return block.items.map(({ children }) => openWords(children)).join(', ');
  return openWords(block.children);
}

const openWords = (pieces: Inline[]): string =>
  wordsOf(pieces.map((piece) => (typeof piece === 'object' && piece.type === 'spoiler' ? 'spoiler' : piece)));
