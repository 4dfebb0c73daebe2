/** Characters that look like a Latin letter and are not brought to it by Unicode's own normalisation (NFKD). */
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

/** The Latin letter that a character looks like; the character itself where it looks like none. */
export function latinOf(character: string): string {
  const letter = letterOf.get(character);
  if (letter !== undefined) return letter;
  const code = character.codePointAt(0) ?? 0;
  const start = alphabets.find((first) => code >= first && code < first + 26);
  return start === undefined ? character : String.fromCharCode(97 + code - start);
}
