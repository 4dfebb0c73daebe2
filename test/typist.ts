import { PassThrough, type Readable, type Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

/** Keys that have no letter. */
export const keys = { enter: '\r', down: '\u001b[B', right: '\u001b[C', ctrlC: '\u0003', ctrlD: '\u0004' };

/** Milliseconds that a text on the screen is waited for. */
const patience = 30_000;

/** Somebody at a terminal, who reads what is asked and types. */
export class Typist {
  readonly #keyboard: Writable;
  #screen = '';
  #read = 0;

  /** @param screen what the program writes to */
  constructor(keyboard: Writable, screen: Readable) {
    this.#keyboard = keyboard;
    screen.on('data', (data) => {
      this.#screen += data;
    });
  }

  /** All that was shown. */
  get shown(): string {
    return stripVTControlCharacters(this.#screen);
  }

  /** Waits until this is shown, after what was waited for before. */
  async sees(text: string): Promise<void> {
    for (const end = Date.now() + patience; Date.now() < end; await sleep(5)) {
      const at = this.shown.indexOf(text, this.#read);
      if (at >= 0) {
        this.#read = at + text.length;
        return;
      }
    }
    throw new Error(`Nothing says “${text}”. There is:\n${this.shown}`);
  }

  /** Waits for a question, and types. */
  async answer(question: string, ...typed: string[]): Promise<void> {
    await this.sees(question);
    for (const one of typed) this.#keyboard.write(one);
  }

  /** Closes the terminal. */
  hangUp(): void {
    this.#keyboard.end();
  }
}

/** A terminal that is wide enough for every line, and somebody at it. */
export function wideTerminal() {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { columns: 400, rows: 100 });
  return { input, output, typist: new Typist(input, output) };
}
