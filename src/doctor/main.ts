import { inTheirLanguage } from '../text/ofTerminal.ts';
import { examineEnvironment, report } from './checks.ts';

process.exit(await inTheirLanguage(process.env, async () => report(await examineEnvironment(), console.log)));
