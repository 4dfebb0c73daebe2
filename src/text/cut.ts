/** Scripts whose letters are joined, or kept apart, by characters that have no width. */
const joining =
  '[\\p{sc=Arab}\\p{sc=Syrc}\\p{sc=Mong}\\p{sc=Deva}\\p{sc=Beng}\\p{sc=Guru}\\p{sc=Gujr}\\p{sc=Orya}\\p{sc=Taml}\\p{sc=Telu}\\p{sc=Knda}\\p{sc=Mlym}\\p{sc=Sinh}\\p{sc=Khmr}]';
/** Characters nobody sees that belong where they are: in an emoji made of several, and between letters that join. */
const needed = [
  '(?<=\\p{Extended_Pictographic}[\\uFE0F\\p{Emoji_Modifier}]?)\\u200D(?=\\p{Extended_Pictographic})',
  '(?<=\\p{Emoji})[\\uFE0E\\uFE0F]',
  `(?<=${joining})[\\u200C\\u200D](?=${joining})`,
].join('|');
/**
 * What nobody sees: direction overrides, characters without width, controls, annotations, and halves of characters,
 * which Discord refuses (50109, 50035).
 */
const unseen = new RegExp(
  `(?=[\\p{Default_Ignorable_Code_Point}\\uFFF9-\\uFFFB\\p{Cs}\\p{Cc}])(?!${needed}|[\\t\\n\\r]).`,
  'gsu',
);

/** A text as it may be shown: without characters that nobody sees, which can turn it round or hide something in it. */
export const sanitise = (text: string): string => text.replace(unseen, '');

/** Whether there is nothing to see in a text. */
export const isBlank = (text: string): boolean => /^[\s\u2800]*$/.test(sanitise(text));

/** Splits a text in two, the first part at most `length` characters; never in the middle of a character. */
export function splitAt(text: string, length: number): [first: string, rest: string] {
  const whole = text.replace(/\p{Cs}/gu, '');
  const first = whole.slice(0, Math.max(0, length)).replace(/[\uD800-\uDBFF]$/, '');
  return [first, whole.slice(first.length)];
}

/** The first characters of a text, at most `length`, as they are. */
export const prefix = (text: string, length: number): string => splitAt(text, length)[0];

/** A text as it may be shown, in at most `length` characters; one that was shortened ends in `…`. */
export function cut(text: string, length: number): string {
  const seen = sanitise(text);
  return seen.length <= length ? seen : `${prefix(seen, length - 1)}…`;
}

const inAddress = "[\\p{L}\\p{N}_.~:/?#()@!$&'+,;=%-]";
/**
 * An address that Discord takes as a whole, so that no sign in it is a mark. One with brackets or stars in it, or with the
 * name of a mention, is text like any other.
 */
const address = `(?<![\\p{L}\\p{N}_])https?://(?!\\S*@(?:everyone|here))${inAddress}+(?!${inAddress}|[\\\\*\`|[\\]])`;
const addressOrMark = new RegExp(`${address}|[\\\\*_~\`|[\\]()<@]|^[#>-]`, 'giu');

/** Makes a person's text appear as typed, on one line: no formatting, no mention; an address leads where it says. */
export function plain(text: string): string {
  return sanitise(text)
    .replace(/\s*[\n\r\u2028\u2029]\s*/g, ' ')
    .replace(addressOrMark, (found) => (found.length > 1 ? found : `\\${found}`));
}

/** A name of somebody's inside a sentence: as typed, and short enough to leave room for the sentence. */
export const brief = (name: string): string => plain(cut(name, 100));

/** As many lines as fit into `length` characters, none of them cut in two. */
export function linesWithin(lines: string[], length: number): string {
  let text = '';
  for (const line of lines) {
    const next = text === '' ? line : `${text}\n${line}`;
    if (next.length > length) break;
    text = next;
  }
  return text;
}
