import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded before the bot where memory is measured: on SIGUSR2 all garbage is collected, and what is left is written down, in
 * bytes. What the system counts has garbage in it, of which there is now more, now less.
 */
const file = String(process.env.BENCH_HEAP_FILE);
process.on('SIGUSR2', () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') for (let times = 0; times < 2; times++) collect();
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(file, String(heapUsed + external));
});
