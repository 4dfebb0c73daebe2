import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A bot in a folder of its own, as README's “Run it for real” says without questions. */
export class ProductionBot {
  readonly #folder: string;
  #process: ChildProcess | undefined;
  /** What it wrote since the last start. */
  output = '';

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** `cp .env.example .env`, and fill in these. */
  configure(values: Record<string, string>): void {
    let text = readFileSync(join(this.#folder, '.env.example'), 'utf8');
    for (const [name, value] of Object.entries(values)) {
      if (!text.includes(`\n${name}=\n`)) throw new Error(`.env.example has no ${name}`);
      text = text.replace(`\n${name}=\n`, `\n${name}=${value}\n`);
    }
    writeFileSync(join(this.#folder, '.env'), text);
  }

  /** `npm start`. Of the environment it gets what a shell has, and the certificate authority. */
  start(): void {
    this.output = '';
    const { PATH, HOME, NODE_EXTRA_CA_CERTS } = process.env;
    const child = spawn('npm', ['start'], {
      cwd: this.#folder,
      env: { PATH, HOME, NODE_EXTRA_CA_CERTS },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: npm, its shell and the bot are killed together.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        this.output += data;
      });
    }
    this.#process = child;
  }

  /** Ends the bot and waits until nothing of it is left. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined) return;
    this.#process = undefined;
    // Closed once the last process of the group has let go of its output.
    const ended = new Promise((resolve) => child.once('close', resolve));
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended by itself.
      return;
    }
    await ended;
  }
}
