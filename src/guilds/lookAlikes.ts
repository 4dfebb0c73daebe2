import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

let list: ((text: string) => string) | undefined;

/** Loads Unicode's list of confusables, unless it is loaded. It takes a tenth of the time of a start, and no login needs it. */
export function loadConfusables(): void {
  list ??= require('unhomoglyph');
}

function confusable(character: string): string {
  loadConfusables();
  return list?.(character) ?? character;
}

/**
 * Characters that people take for a Latin letter and that are not brought to it by Unicode's own normalisation (NFKD). It
 * comes before Unicode's list of confusables, which has only what fonts draw the same.
 */
const alike: Record<string, string> = {
  a: 'аАαΑɑᴀᎪ',
  b: 'ЬьвВβΒɓƀʙᏴ',
  c: 'сСϲϹƈȼᴄᏟ',
  d: 'ԁԀđĐðÐɖɗᴅᎠ',
  e: 'еЕєЄэЭεΕəǝɛᴇᎬ',
  f: 'ғҒƒꜰϝϜ',
  g: 'ɡǥɠɢցᏀ',
  h: 'һҺнНΗħĦɦʜհᎻ',
  i: 'іІιΙıɩɨɪ',
  j: 'јЈϳͿʝɉᴊյ',
  k: 'кКκΚƙĸᴋᏦ',
  l: 'ӏӀłŁɫɭƚʟᏞ',
  m: 'мМΜᴍɱᎷ',
  n: 'пПηΝŋŊɲɳɴո',
  o: 'оОοΟσөӨøØɵᴏօՕ',
  p: 'рРρΡƥᴘᏢ',
  q: 'ԛԚʠɋզ',
  r: 'гГɍɽʀᎡ',
  s: 'ѕЅʂꜱᏚ',
  t: 'тТτΤŧŦƭʈᴛᎢ',
  u: 'υʉᴜսՍ',
  v: 'ѵѴνʋᴠᏙ',
  w: 'ԝԜωɯʍᴡաᎳ',
  x: 'хХχΧ',
  y: 'уУүҮγΥƴɏʏᎩ',
  z: 'ζΖƶʐᴢᏃ',
};

const letterOf = new Map(
  Object.entries(alike).flatMap(([letter, others]) => [...others].map((other) => [other, letter] as const)),
);

/** Where alphabets of letters in circles, in squares and of flags begin, 26 each. */
const alphabets = [0x1f150, 0x1f170, 0x1f1e6];

/** Scripts whose letters are drawn like Latin ones; those of any other script stand for themselves in whole texts. */
const alikeScripts =
  /^[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Armn}\p{sc=Copt}\p{sc=Cher}\p{sc=Cans}\p{sc=Lisu}\p{sc=Dsrt}\p{sc=Ital}]$/u;

/**
 * The Latin letter that a character looks like; the character itself where it looks like none.
 *
 * @param iOrL what stands for a letter that may be an i as well as an l
 */
export function latinOf(character: string, iOrL: string): string {
  const letter = letterOf.get(character);
  if (letter !== undefined) return letter;
  const code = character.codePointAt(0) ?? 0;
  const start = alphabets.find((first) => code >= first && code < first + 26);
  if (start !== undefined) return String.fromCharCode(97 + code - start);
  if (code < 0x80 || !alikeScripts.test(character)) return character;
  const found = confusable(character).normalize('NFKD').replace(/\p{M}/gu, '');
  if (!/^[a-z]$/i.test(found)) return character;
  return found === 'l' ? iOrL : found;
}
