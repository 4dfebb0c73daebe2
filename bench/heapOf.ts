import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wait } from './measure.ts';

/** What a bot is started with so that it can be asked for its live memory. */
export function heapReport() {
  const file = join(mkdtempSync(join(tmpdir(), 'kubeez-heap-')), 'bytes');
  return {
    env: { NODE_OPTIONS: `--import=${new URL('./liveHeap.js', import.meta.url)}`, BENCH_HEAP_FILE: file },
    /** MiB that are in use once all garbage is collected. */
    async read(bot: ChildProcess): Promise<number> {
      rmSync(file, { force: true });
      bot.kill('SIGUSR2');
      for (let tries = 0; tries < 500; tries++) {
        await wait(20);
        const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
        if (text !== '') return Number(text) / 2 ** 20;
      }
      throw new Error('The bot did not say what memory it uses');
    },
  };
}
