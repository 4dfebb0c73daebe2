import { emitKeypressEvents, type Key } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import * as clack from '@clack/prompts';
import { t } from '../text/text.ts';

/** Somebody pressed Ctrl+C or Ctrl+D, or has closed the terminal. */
export class Cancelled extends Error {
  override name = 'Cancelled';
}

/** Something that cannot be mended here; the message is a sentence for whoever sets up the bot. */
export class Stopped extends Error {
  override name = 'Stopped';
}

interface Choice<Value extends string> {
  value: Value;
  label: string;
}

/** The conversation with whoever sets up the bot. Every question throws {@link Cancelled} when it is not answered. */
export class Talk {
  readonly #ends = new AbortController();
  readonly #streams: { input: Readable; output: Writable; signal: AbortSignal };

  constructor(input: Readable, output: Writable) {
    this.#streams = { input, output, signal: this.#ends.signal };
    // The library knows Ctrl+C alone, and would wait for ever.
    emitKeypressEvents(input);
    input.on('keypress', (_, key: Key) => key.ctrl && key.name === 'd' && this.#ends.abort());
    input.on('end', () => this.#ends.abort());
  }

  /** The first line. */
  begin(title: string): void {
    clack.intro(title, this.#streams);
  }

  /** The last line. */
  end(text: string): void {
    clack.outro(text, this.#streams);
  }

  /** The last line, when it did not come to an end. */
  giveUp(text: string): void {
    clack.cancel(text, this.#streams);
  }

  /** What a step is about, and what to do. */
  explain(title: string, how: string): void {
    clack.note(how, title, { ...this.#streams, format: (line) => line });
  }

  say(text: string): void {
    clack.log.message(text, this.#streams);
  }

  good(text: string): void {
    clack.log.success(text, this.#streams);
  }

  warn(text: string): void {
    clack.log.warn(text, this.#streams);
  }

  bad(text: string): void {
    clack.log.error(text, this.#streams);
  }

  /** A link on a line of its own, so that it can be copied whole. */
  link(address: string): void {
    this.#streams.output.write(`\n${address}\n`);
  }

  /** Asks for something that is not shown. `problem`: what is wrong with it, in a sentence. Gives it without spaces around it. */
  async secret(message: string, problem: (typed: string | undefined) => string | undefined): Promise<string> {
    const typed = await clack.password({ ...this.#streams, message, validate: problem, clearOnError: true });
    if (clack.isCancel(typed)) throw new Cancelled();
    return typed.trim();
  }

  async yes(message: string): Promise<boolean> {
    const labels = { active: t('setup.yes'), inactive: t('setup.no') };
    const isYes = await clack.confirm({ ...this.#streams, message, ...labels });
    if (clack.isCancel(isYes)) throw new Cancelled();
    return isYes;
  }

  async choose<const Value extends string>(message: string, choices: Choice<Value>[]): Promise<Value> {
    const options: { value: string; label: string }[] = choices;
    const chosen = await clack.select({ ...this.#streams, message, options, showInstructions: false });
    const choice = choices.find(({ value }) => value === chosen);
    if (!choice) throw new Cancelled();
    return choice.value;
  }
}
