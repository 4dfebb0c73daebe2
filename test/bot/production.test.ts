import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const run = fileURLToPath(new URL('../production/run', import.meta.url));
/** How `run` ends where no namespace can be made. */
const impossible = 77;

test('as its users run it: README’s command, a .env file, real names, https', { timeout: 600_000 }, async (context) => {
  if (process.env.PRODUCTION_TESTED) context.skip('npm run test:production has run just before');
  const child = spawn(run, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data;
    });
  }
  const [status] = await once(child, 'close');
  if (status === impossible) {
    console.warn(`npm run test:production is skipped. ${output}`);
    context.skip(output);
  }
  expect(status, output).toBe(0);
});
