import { inTheirLanguage } from '../text/ofTerminal.ts';
import { t } from '../text/text.ts';
import { checkSetup } from './check.ts';
import { EnvFile } from './envFile.ts';
import { setUp } from './setup.ts';
import { Talk } from './talk.ts';

process.exit(await inTheirLanguage(process.env, main));

/** Resolves with the exit code. */
async function main(): Promise<number> {
  const file = new EnvFile(process.cwd());
  if (process.argv.includes('--check')) return checkSetup(file, console.log);
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    console.error(t('setup.noTerminal'));
    return 1;
  }
  const talk = new Talk(process.stdin, process.stdout);
  // Between two questions, such as while Discord is asked, Ctrl+C is a signal.
  const stopped = t('setup.cancelled');
  const cutShort = t('setup.cutShort');
  process.on('SIGINT', () => {
    talk.giveUp(file.isWritten ? cutShort : stopped);
    process.exit(1);
  });
  return setUp(talk, file, process.env);
}
