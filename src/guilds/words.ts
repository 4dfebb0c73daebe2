import { latinOf } from './lookAlikes.ts';

/**
 * The words that a server does not allow, and how they are found in what people write. Pure.
 *
 * A word is found as a whole: “ass” is in “a.s.s”, “ÀŚŚ”, “a$$” and “a s s”, but not in “class”, and “hell” is not in
 * “he’ll”. Accents, other alphabets' look-alikes, characters without width, digits in place of letters, punctuation and
 * spaces change nothing. Because spaces change nothing, two words that make a blocked one together are found as well
 * (“pen is”): they can be written in another way, which costs nobody anything, while a word that slips through does.
 * Where a script has no spaces between words, such as Chinese, a word is found anywhere.
 */

/** Longest word that is kept, in characters. */
export const longestWord = 60;

/** The words that a server does not allow. They are prepared once, at the first request, because every request asks for all of them. */
export class WordList {
  readonly words: readonly string[];
  #prepared: Prepared[] | undefined;

  constructor(words: readonly string[]) {
    this.words = words;
  }

  /** The first word that is in one of the texts; undefined when none is. */
  findIn(texts: readonly string[]): string | undefined {
    if (this.words.length === 0) return undefined;
    this.#prepared ??= this.words.flatMap(prepare);
    const readings = texts
      .flatMap(shownAs)
      .flatMap(readingsOf)
      .map((reading) => ({ reading, squashed: squashedOf([...reading]) }));
    // The pattern takes much longer than a look whether it can be there at all.
    const found = this.#prepared.find(({ pattern, squashed }) =>
      readings.some((one) => one.squashed.includes(squashed) && pattern.test(one.reading)),
    );
    return found?.word;
  }
}

interface Prepared {
  word: string;
  pattern: RegExp;
  squashed: string;
}

function prepare(word: string): Prepared[] {
  const pattern = patternOf(word);
  return pattern === undefined ? [] : [{ word, pattern, squashed: squashedOf(lettersOf(word)) }];
}

/** Whether a word can be looked for: it has at least two letters or digits, or one sign that is a word by itself. */
export const isFindable = (word: string): boolean => patternOf(word) !== undefined;

/** Whether two words are found in the same texts. */
export const isSameWord = (one: string, other: string): boolean =>
  lettersOf(one).join('') === lettersOf(other).join('');

/** What stands for “i or l” in a reading. */
const iOrL = 'ı';
/** What ends a word for good: nothing is joined across it. */
const wordEnd = '\uE000';

/** Scripts that are written without spaces between words: each sign may begin or end one. */
const withoutSpaces = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;
/** Accents, lines through letters, and everything that has no width. */
const unseen =
  /[\u0300-\u036F\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F\u0483-\u0489\p{Me}\p{Default_Ignorable_Code_Point}\p{Co}\p{Cc}]/gu;
/** The ends of “he’ll”, “it’s” and “don’t”, which would make other words of what is before or after them. */
const contraction = /(?<=\p{L})['’ʼ](?:ll|re|ve|[sdmt])(?![\p{L}\p{N}])/giu;
/** A large I between small letters, or a small l between large ones, may be either. */
const doubtful = /(?<=\p{Ll})I|(?<=\p{Lu})l/gu;

/** Digits and signs that are read as letters. */
const leet: Record<string, string> = {
  '0': 'o',
  '1': iOrL,
  '!': iOrL,
  '|': iOrL,
  '3': 'e',
  '4': 'a',
  '@': 'a',
  '5': 's',
  $: 's',
  '6': 'g',
  '9': 'g',
  '7': 't',
  '8': 'b',
  '€': 'e',
  '∂': 'd',
  '¢': 'c',
  '£': iOrL,
};
/** Those that are no punctuation, so that a word does not end at them. */
const letterSigns = '@$€∂¢£';
/** A sign beside a letter that is read as a b; no word begins with ß. */
const asB = /(?<=\p{L})\|3|\|3(?=\p{L})|(?<![\p{L}\p{M}\p{N}])[ßẞ](?=\p{L})/gu;

/** A text in Latin letters where it looks like them, in small ones, each word without spaces set apart. */
function plainOf(text: string): string {
  const seen = text
    .replace(/[\n\r\t]/g, ' ')
    .replace(unseen, '')
    .normalize('NFKD')
    .replace(unseen, '')
    .replace(contraction, wordEnd)
    .replace(asB, 'b')
    .replace(doubtful, '|');
  const latin = [...seen].map((one) => (withoutSpaces.test(one) ? ` ${one} ` : latinOf(one, iOrL))).join('');
  // By way of large letters, which brings ß, ſ and their like to what they stand for.
  return latin.toUpperCase().toLowerCase().normalize('NFC');
}

/**
 * A text as it is, and as Discord shows it where that is another: an emoji or a mention is a picture or a name, and of a
 * link only its words are seen.
 */
function shownAs(text: string): string[] {
  const shown = text.replace(/<[^<>\s]*>/g, '').replace(/\[([^[\]]*)\]\([^()]*\)/g, '$1');
  return shown === text ? [text] : [text, shown];
}

/** Single letters, digits and signs with something between them. */
const spacedOut = new RegExp(
  `(?<![\\p{L}\\p{N}])[\\p{L}\\p{N}${letterSigns}](?:[^\\p{L}\\p{N}${letterSigns}]+[\\p{L}\\p{N}${letterSigns}](?![\\p{L}\\p{N}]))+`,
  'gu',
);
const written = new RegExp(`[\\p{L}\\p{M}\\p{N}${letterSigns}!|]+`, 'gu');

/** Digits and signs beside letters, as letters; a number stays one. */
const inLetters = (text: string) => (/\p{L}/u.test(text) ? text.replace(/./gsu, (sign) => leet[sign] ?? sign) : text);

/** What a text may be read as: with digits and signs as letters, and with them as what only separates letters. */
function readingsOf(text: string): string[] {
  const plain = plainOf(text);
  const asLetters = plain
    .replace(/!(?!\p{L})/gu, ' ')
    .replace(spacedOut, inLetters)
    .replace(written, inLetters);
  const separated = plain.replace(/[^\p{L}\p{M}\uE000]+/gu, ' ');
  return [asLetters, separated].map((reading) => reading.replace(/[^\p{L}\p{M}\p{N}\uE000]+/gu, ' '));
}

/** The letters of a word, in the first way in which it may be read. */
const lettersOf = (word: string): string[] =>
  [...(readingsOf(word)[0] ?? '').replaceAll(wordEnd, '')].filter((one) => one !== ' ');

/** Finds a word in a reading; undefined for one that is too short to be looked for. */
function patternOf(word: string): RegExp | undefined {
  const letters = lettersOf(word);
  if (letters.length < 2 && !withoutSpaces.test(letters[0] ?? '')) return undefined;
  const inOrder = runsOf(letters).map(([letter, count]) => runPattern(anyOf(letter), count));
  return new RegExp(`(?<=^|[ ${wordEnd}])${inOrder.join(' ?')}(?=[ ${wordEnd}]|$)`, 'u');
}

/** A letter as often as the word has it, or drawn out: three times and more. */
function runPattern(letter: string, count: number): string {
  const exactly = `${letter}(?: ?${letter}){${count - 1}}`;
  return `(?:${letter}(?: ?${letter}){${Math.max(count, 3) - 1},}|${exactly})`;
}

/** Letters without what a pattern leaves open: how often each stands in a row, i or l, and spaces. */
const squashedOf = (letters: string[]): string =>
  runsOf(letters.filter((one) => one !== ' ').map((one) => (one === 'l' || one === iOrL ? 'i' : one)))
    .map(([letter]) => letter)
    .join('');

/** Equal letters in a row, counted. */
function runsOf(letters: string[]): [letter: string, count: number][] {
  const runs: [string, number][] = [];
  for (const letter of letters) {
    const last = runs.at(-1);
    if (last && last[0] === letter) last[1] += 1;
    else runs.push([letter, 1]);
  }
  return runs;
}

function anyOf(letter: string): string {
  if (letter === iOrL) return `[il${iOrL}]`;
  return letter === 'i' || letter === 'l' ? `[${letter}${iOrL}]` : letter;
}
