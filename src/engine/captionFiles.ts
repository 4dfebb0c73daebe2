import subsrt from 'subsrt-ts';
import type { Word } from '../kubeez/media.ts';

/** What people can read comfortably: characters in two lines, and how long a cue stays, in milliseconds. */
const cueLength = 84;
const lineLength = 42;
const cueTime = 6000;
/** A pause of this length begins a new cue. */
const pause = 700;

interface Cue {
  start: number;
  end: number;
  text: string;
}

/** Spoken words as captions for players (`.srt`, `.vtt`) and as a transcript to read. Pure. */
export function captionFiles(words: Word[]): { extension: string; text: string }[] {
  const cues = cuesOf(words);
  const captions = cues.map(({ start, end, text }, index) => ({
    type: 'caption' as const,
    index: index + 1,
    start,
    end,
    duration: end - start,
    content: text,
    text,
  }));
  return [
    { extension: 'srt', text: subsrt.build(captions, { format: 'srt' }) },
    { extension: 'vtt', text: subsrt.build(captions, { format: 'vtt' }) },
    { extension: 'txt', text: `${paragraphsOf(words).join('\n\n')}\n` },
  ];
}

/** Groups words into cues: at pauses, at the ends of sentences, and before a cue gets too long to read. */
function cuesOf(words: Word[]): Cue[] {
  const groups: Word[][] = [];
  for (const word of words) {
    const group = groups.at(-1);
    if (group && fits(group, word)) group.push(word);
    else groups.push([word]);
  }
  return groups.map((group) => ({
    start: group[0]?.[1] ?? 0,
    end: group.at(-1)?.[2] ?? 0,
    text: inLines(textOf(group)),
  }));
}

function fits(group: Word[], [text, start, end]: Word): boolean {
  const last = group.at(-1);
  const begun = group[0]?.[1] ?? start;
  if (!last || start - last[2] >= pause || end - begun > cueTime) return false;
  const length = textOf(group).length;
  if (/[.!?…。！？]["”’)]?$/.test(last[0]) && length > lineLength / 2) return false;
  return length + 1 + text.length <= cueLength;
}

const textOf = (words: Word[]) => words.map(([text]) => text).join(' ');

/** Two lines of about the same length, where one would be too long. */
function inLines(text: string): string {
  if (text.length <= lineLength) return text;
  const middle = text.length / 2;
  const spaces = [...text.matchAll(/ /g)].map((match) => match.index);
  const at = spaces.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0];
  return at === undefined ? text : `${text.slice(0, at)}\n${text.slice(at + 1)}`;
}

/** A new paragraph wherever somebody pauses for long. */
function paragraphsOf(words: Word[]): string[] {
  const groups: Word[][] = [];
  for (const word of words) {
    const last = groups.at(-1)?.at(-1);
    if (!last || word[1] - last[2] >= pause * 3) groups.push([word]);
    else groups.at(-1)?.push(word);
  }
  return groups.map(textOf);
}
