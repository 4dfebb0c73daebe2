import { type Config, readConfig } from './config.ts';
import { inTheirLanguage } from './text/ofTerminal.ts';
import { t } from './text/text.ts';

/** The settings. Where they cannot be used, says on standard error what is wrong with them, and ends the process. */
export function configOrEnd(): Config {
  const result = inTheirLanguage(process.env, readConfig);
  if (result.ok) return result.config;
  const problems = result.problems.map((problem) => `  - ${problem}`);
  const say = () => [t('start.cannot'), ...problems, '', t('start.setThese'), t('start.tryPlayground')];
  console.error(inTheirLanguage(process.env, say).join('\n'));
  process.exit(1);
}
