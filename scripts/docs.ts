import { readFileSync, writeFileSync } from 'node:fs';
import { figuresTable, growthTable, machineText } from '../bench/tables.ts';
import { architecture } from './architecture.ts';
import { benchResults } from './benchResults.ts';
import { commandTable } from './commandTable.ts';
import { growthPicture } from './growthPicture.ts';
import { withMadePart } from './madePart.ts';

/** `npm run docs`: writes the parts of the documents that are made from the code. */
const rewrite = (file: string, name: string, made: string) =>
  writeFileSync(file, withMadePart(readFileSync(file, 'utf8'), name, made));

rewrite('README.md', 'commands', commandTable());
rewrite('docs/architecture.md', 'rooms', architecture());

const results = benchResults();
rewrite('README.md', 'figures', `${machineText(results)}\n\n${figuresTable(results)}`);
rewrite('docs/speed.md', 'growth', `${machineText(results)}\n\n${growthTable(results)}`);
writeFileSync('docs/pictures/growth.svg', growthPicture(results, 'dark'));
writeFileSync('docs/pictures/growth-light.svg', growthPicture(results, 'light'));
