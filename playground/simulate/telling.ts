import { beginning, trueTime } from './virtualTime.ts';

/** Adds a line to the story. */
export type Tell = (line: string) => void;

/** What happened in a story, with simulated times alone: the same seed tells the same to the byte. */
export class Telling {
  readonly lines: string[] = [];

  readonly tell: Tell = (line) => {
    const seconds = (trueTime() - beginning) / 1000;
    this.lines.push(`${seconds.toFixed(3).padStart(10)}  ${line.replaceAll('\n', ' ').slice(0, 300)}`);
  };
}
