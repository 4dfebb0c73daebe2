import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Ended } from '../simulate/story.ts';
import type { Replay } from './protocol.ts';

/** The compiled simulator, also when this runs from the sources. */
const path = import.meta.url.includes('/dist/') ? './simulate/worker.js' : '../../dist/playground/simulate/worker.js';
const worker = fileURLToPath(new URL(path, import.meta.url));

/** Milliseconds a story may take. */
const patience = 120_000;

/** Plays stories of the simulator, each in a process of its own, and one at a time. */
export class Replays {
  #playing: ChildProcess | undefined;

  /** Plays the story of a seed, unless another one is being played; `gone` ends it. */
  async play(seed: number, gone: AbortSignal): Promise<Replay> {
    if (this.#playing) return refuse('Another story is being played. Try again in a moment.');
    const child = fork(worker, { execArgv: ['--max-semi-space-size=64', '--single-threaded-gc'] });
    this.#playing = child;
    const stop = () => child.kill('SIGKILL');
    const timer = setTimeout(stop, patience);
    gone.addEventListener('abort', stop);
    try {
      return await told(child, seed);
    } finally {
      clearTimeout(timer);
      gone.removeEventListener('abort', stop);
      stop();
      this.#playing = undefined;
    }
  }

  close(): void {
    this.#playing?.kill('SIGKILL');
  }
}

function told(child: ChildProcess, seed: number): Promise<Replay> {
  return new Promise((resolve) => {
    child.on('message', (message: Ended | 'ready') => {
      if (message === 'ready') child.send(seed);
      else resolve({ type: 'story', ...message });
    });
    child.once('error', () => resolve(refuse('The simulator could not be started.')));
    child.once('exit', () => resolve(refuse('The story did not come to its end within two minutes.')));
  });
}

const refuse = (problem: string): Replay => ({ type: 'refused', problem });
