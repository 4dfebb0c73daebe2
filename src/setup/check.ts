import { statSync } from 'node:fs';
import { examineEnvironment, type Finding, report } from '../doctor/checks.ts';
import { t } from '../text/text.ts';
import type { EnvFile } from './envFile.ts';

/** `npm run setup -- --check`: looks at what is set, one line for each finding, and gives the exit code. Needs no terminal. */
export async function checkSetup(file: EnvFile, say: (line: string) => void): Promise<number> {
  return report([...fileFindings(file), ...(await examineEnvironment())], say, true);
}

/** Whether the tokens can be read, and by nobody else; on Windows a mode says nothing of that. */
function fileFindings(file: EnvFile): Finding[] {
  if (!file.isThere) return [];
  try {
    file.read();
  } catch {
    return [{ how: 'blocks', what: t('setup.notRead', { file: file.path }) }];
  }
  if (process.platform === 'win32') return [];
  const isOwn = (statSync(file.path).mode & 0o077) === 0;
  if (isOwn) return [{ how: 'good', what: t('setup.fileIsOwn') }];
  return [{ how: 'warns', what: t('setup.fileIsShared'), mend: t('setup.closeFile') }];
}
