import { runDoctor } from './doctor.ts';

process.exit(await runDoctor(console.log));
