import { examineEnvironment, report } from './checks.ts';

process.exit(report(await examineEnvironment(), console.log));
