import { readConfig } from '../config.ts';
import { inTheirLanguage } from '../text/ofTerminal.ts';
import { examineEnvironment, report } from './checks.ts';
import { askAbout, linesOf, reportOf } from './report.ts';

if (process.argv.includes('--report')) await printReport();

const code = await inTheirLanguage(process.env, async () => report(await examineEnvironment(), console.log));
const read = readConfig();
const asked = read.ok ? await askAbout(read.config) : '';
if (typeof asked === 'object') {
  console.log('\nWhat Kubeez does not publish, as this server has it (docs/unknowns.md):');
  for (const line of linesOf(asked.answers)) console.log(line);
}
process.exit(code);

/** The report alone, so that it can go into a file. */
async function printReport(): Promise<void> {
  const read = readConfig();
  // What is wrong with the settings is told below.
  if (!read.ok) return;
  const asked = await askAbout(read.config);
  const today = new Date().toISOString().slice(0, 10);
  for (const line of reportOf(asked, read.config, today)) console.log(line);
  process.exit(typeof asked === 'string' ? 1 : 0);
}
