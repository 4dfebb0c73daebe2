import { t } from '../text/text.ts';
import { checkSetup } from './check.ts';
import { EnvFile } from './envFile.ts';
import { setUp } from './setup.ts';
import { Talk } from './talk.ts';

const file = new EnvFile(process.cwd());
if (process.argv.includes('--check')) process.exit(await checkSetup(file, console.log));
if (!process.stdin.isTTY || !process.stdout.isTTY) {
  console.error(t('setup.noTerminal'));
  process.exit(1);
}
const talk = new Talk(process.stdin, process.stdout);
// Between two questions, such as while Discord is asked, Ctrl+C is a signal.
process.on('SIGINT', () => {
  talk.giveUp(t(file.isWritten ? 'setup.cutShort' : 'setup.cancelled'));
  process.exit(1);
});
process.exit(await setUp(talk, file, process.env));
