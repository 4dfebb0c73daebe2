import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { patches, withFault } from '../../playground/simulate/mutants.ts';

test.each(readdirSync(patches))('%s still fits the code, and says what it puts back', (name) => {
  const patch = readFileSync(`${patches}/${name}`, 'utf8');
  expect(patch).toMatch(/^Puts back fault \d+( \(about \w+\))?: [^\n]+\.\n--- /);
  expect(withFault(patch, '.').size).toBeGreaterThan(0);
});
