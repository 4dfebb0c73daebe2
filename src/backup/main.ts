import { readStateUrl } from '../config.ts';
import { inTheirLanguage } from '../text/ofTerminal.ts';
import { t } from '../text/text.ts';
import { backUp } from './backUp.ts';
import { exportTo } from './exportTo.ts';
import { type Outcome, refused } from './outcome.ts';
import { restore } from './restore.ts';

/** `npm run backup -- FILE`, and the same with `restore` and `export`: one sentence, and 0 when it was done. */

const tasks = { backup: backUp, restore, export: exportTo };
const names = ['backup', 'restore', 'export'] as const;

const [wanted, file] = process.argv.slice(2);
const name = names.find((one) => one === wanted);
const { ok, sentence } = await inTheirLanguage(process.env, async () => {
  const read = readStateUrl();
  if (name === undefined || file === undefined) return refused(t('backup.usage'));
  return read.ok ? run(name, read.stateUrl, file) : refused(read.problem);
});
if (ok) console.log(sentence);
else console.error(sentence);
process.exit(ok ? 0 : 1);

async function run(name: keyof typeof tasks, stateUrl: string, file: string): Promise<Outcome> {
  try {
    return await tasks[name](stateUrl, file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return refused(t('backup.failed', { code: code || 'error' }));
  }
}
