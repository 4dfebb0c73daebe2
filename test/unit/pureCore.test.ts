import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { importsOf, sourcesIn } from '../../scripts/imports.ts';

/** What the pure core may load: files that compute, and packages that compute, or that know in which language somebody is spoken to. */
const pureFiles = /^src\/(flows|text)\/|^src\/kubeez\/(media|model|answers|jobIds|json)\.ts$|^src\/accountNames\.ts$/;
const purePackages =
  /^(zod|intl-messageformat|@formatjs\/icu-messageformat-parser|discord-api-types\/v10|node:async_hooks)$/;

/** Every way from a file to what it must not load, such as `src/flows/card.ts → node:fs`. */
function forbiddenFrom(files: string[]): string[] {
  const forbidden: string[] = [];
  const seen = new Set<string>();
  const visit = (file: string, way: string) => {
    if (seen.has(file) || !file.endsWith('.ts')) return;
    seen.add(file);
    for (const { to, isType } of importsOf(file)) {
      if (isType) continue;
      if (to.startsWith('src/') ? pureFiles.test(to) : purePackages.test(to)) visit(to, `${way} → ${to}`);
      else forbidden.push(`${way} → ${to}`);
    }
  };
  for (const file of files) visit(file, file);
  return forbidden;
}

test('the pure core reaches no I/O', () => {
  const core = sourcesIn('src/flows');
  expect(core.length).toBeGreaterThan(20);
  expect(forbiddenFrom(core)).toEqual([]);
});

test('the pure core knows neither clock nor chance nor network', () => {
  const impure =
    /\b(Date\.now\(|new Date\(\)|Math\.random|performance\.|process\.|fetch\(|set(Timeout|Interval|Immediate)\()/;
  const found = sourcesIn('src/flows').flatMap((file) => {
    const [name] = impure.exec(readFileSync(file, 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '')) ?? [];
    return name === undefined ? [] : [`${file}: ${name}`];
  });
  expect(found).toEqual([]);
});

test('what reaches I/O is found', () => {
  expect(forbiddenFrom(['src/main.ts'])).not.toEqual([]);
});
