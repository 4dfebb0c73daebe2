import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const run = fileURLToPath(new URL('./production/run', import.meta.url));
/** How `run` ends where no namespace can be made. */
const impossible = 77;

test('as its users run it: README’s command, a .env file, real names, https', { timeout: 600_000 }, (context) => {
  if (process.env.PRODUCTION_TESTED) context.skip('npm run test:production has run just before');
  const { status, stdout, stderr } = spawnSync(run, { encoding: 'utf8' });
  if (status === impossible) {
    console.warn(`npm run test:production is skipped. ${stderr}`);
    context.skip(stderr);
  }
  expect(status, `${stdout}\n${stderr}`).toBe(0);
});
