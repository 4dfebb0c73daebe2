import { runDoctor } from './checks.ts';

process.exit(await runDoctor(console.log));
