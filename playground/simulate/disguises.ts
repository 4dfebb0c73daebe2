import type { Chance } from './chance.ts';

/** Words as people write them who want to get round a list, and how they are found all the same. */

/** Words that somebody blocks, and that are in nothing else that anybody writes here. */
export const forbiddenWords = ['rabbit', 'zeppelin'];

/** Letters that look like others. */
const twins: Record<string, string> = {
  a: 'а',
  b: 'Ь',
  e: 'е',
  i: 'і',
  l: 'ӏ',
  n: 'п',
  p: 'р',
  r: 'г',
  t: 'т',
  z: 'Ζ',
};
const digits: Record<string, string> = { a: '4', b: '8', e: '3', i: '1', t: '7' };

const some = (letters: Record<string, string>) => (word: string) =>
  word.replace(/./g, (letter) => letters[letter] ?? letter);

/** What is no such word by itself, and one together. */
export const halvesOf = (word: string): [string, string] => [word.slice(0, 3), word.slice(3)];

const disguises: ((word: string) => string)[] = [
  (word) => word,
  (word) => word.toUpperCase(),
  (word) => [...word].join(' '),
  (word) => [...word].join('.'),
  (word) => [...word].join('\u200b'),
  (word) => [...word].join('\u0301'),
  (word) => word.replace(/./g, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0)),
  (word) => word.replace(/(.)(?!.)/, '$1$1$1$1'),
  (word) => halvesOf(word).join(' '),
  (word) => halvesOf(word).join(', '),
  some(twins),
  some(digits),
];

/** A word in one of these disguises. */
export const disguised = (word: string, chance: Chance): string => chance.pick(disguises)(word);

/** Whether a text has a word in any of them. */
export const hasWord = (text: string, word: string): boolean =>
  disguises.some((disguise) => text.toLowerCase().includes(disguise(word).toLowerCase()));
