import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

/** Why a file of `test/bot` is left out, although it uses the stage. */
const leftOut: Record<string, string[]> = {
  'is about the forms of MCP as such, and sets them itself': ['era', 'session', 'tasks'],
  'is about stores, which know nothing of MCP': ['backup', 'damaged', 'lastVersion', 'newerStore', 'redis', 'shards'],
  'is about commands that start nothing, or the setup': [
    'autocomplete',
    'budgetCommand',
    'help',
    'language',
    'settings',
    'setup',
  ],
  'measures what a flow costs': ['costOfAFlow'],
};
const names = new Set(Object.values(leftOut).flatMap((files) => files.map((name) => `${name}.test.ts`)));

/** Flows in processes that are killed. */
const flowsOfProcesses = ['approval', 'budget', 'forgetMe', 'ownAccounts', 'restart'].map(
  (name) => `test/processes/${name}.test.ts`,
);

/** What `npm run test:newEra` runs: flows of every kind, against a stand-in that speaks MCP 2026-07-28 alone. */
export default defineConfig({
  test: {
    ...base.test,
    include: readdirSync('test/bot')
      .filter((name) => !names.has(name) && /\buseStage\b/.test(readFileSync(`test/bot/${name}`, 'utf8')))
      .map((name) => `test/bot/${name}`)
      .concat('test/generations/everyFlow.test.ts', flowsOfProcesses),
    exclude: [],
    env: { MCP_ERA: 'stateless' },
  },
});
