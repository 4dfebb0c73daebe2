import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { flowDefaults } from '../../src/flows/flow.ts';
import { isNewer, knownVersions, newestKnown } from '../../src/state/versions.ts';

test('flows are written in the newest version that is known of them', () => {
  expect(newestKnown('flow:abc')).toBe(flowDefaults.v);
});

test('no other record has a version above 1 that is not listed', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const higher = files.filter((name) => {
    const versions = readFileSync(join('src', name), 'utf8').matchAll(/\bv: z\.literal\((\d+)\)/g);
    return [...versions].some(([, version]) => Number(version) > 1);
  });
  expect(higher).toEqual([join('flows', 'flow.ts')]);
  expect(Object.keys(knownVersions)).toEqual(['flow']);
});

test.each([
  ['flow:a', { v: 3 }, true],
  ['flow:a', { v: 2 }, false],
  ['guild:1', { v: 2 }, true],
  ['guild:1:open', { v: 1 }, false],
  ['aside:flow:a', { v: 99 }, false],
  ['guild:1', { v: 'odd' }, false],
  ['guild:1', 'no record', false],
] as const)('%s with %j: newer is %s', (key, record, is) => {
  expect(isNewer(key, record)).toBe(is);
});
