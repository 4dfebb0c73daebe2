import { readFileSync, writeFileSync } from 'node:fs';
import { architecture } from './architecture.ts';
import { commandTable } from './commandTable.ts';
import { withMadePart } from './madePart.ts';

/** `npm run docs`: writes the parts of the documents that are made from the code. */
const rewrite = (file: string, name: string, made: string) =>
  writeFileSync(file, withMadePart(readFileSync(file, 'utf8'), name, made));

rewrite('README.md', 'commands', commandTable());
rewrite('docs/architecture.md', 'rooms', architecture());
