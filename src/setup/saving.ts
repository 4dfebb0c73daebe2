import { parse } from 'dotenv';
import { allOf, t } from '../text/text.ts';
import type { EnvFile } from './envFile.ts';
import { type Values, withValues } from './envText.ts';
import { Cancelled, Stopped, type Talk } from './talk.ts';

/** Step 4: the answers are written to `.env`. Asks before it changes a line that is there. */
export async function save(talk: Talk, file: EnvFile, values: Values): Promise<void> {
  talk.explain(t('setup.saving'), t('setup.savingHow', { file: file.path }));
  const text = readOrStop(file);
  const set = parse(text);
  const changed = Object.entries(values).flatMap(([name, value]) => (set[name] && set[name] !== value ? [name] : []));
  if (changed.length > 0 && !(await talk.yes(t('setup.overwrite', { names: allOf(changed), count: changed.length }))))
    throw new Cancelled();
  try {
    file.write(withValues(text, values));
  } catch {
    throw new Stopped(t('setup.notWritten', { file: file.path }));
  }
  talk.good(t('setup.saved', { file: file.path }));
}

/** The text of the file. Throws {@link Stopped} when it cannot be read. */
export function readOrStop(file: EnvFile): string {
  try {
    return file.read();
  } catch {
    throw new Stopped(t('setup.notRead', { file: file.path }));
  }
}
