import { expect, test } from 'vitest';
import { importsOf, sourcesIn } from '../../scripts/imports.ts';

/** Every way on which the start of the bot loads a package of this name, such as `src/main.ts → src/bot.ts → zod`. */
function waysTo(name: RegExp): string[] {
  const ways: string[] = [];
  const seen = new Set<string>();
  const visit = (file: string, way: string) => {
    if (seen.has(file) || !file.endsWith('.ts')) return;
    seen.add(file);
    for (const { to, isType, isLater } of importsOf(file)) {
      if (isType || isLater) continue;
      if (name.test(to)) ways.push(`${way} → ${to}`);
      else if (to.startsWith('src/')) visit(to, `${way} → ${to}`);
    }
  };
  visit('src/main.ts', 'src/main.ts');
  return ways;
}

test.each([
  // The rest of the SDK is large; these two files are small and stand alone.
  /^@modelcontextprotocol\/sdk\/(?!shared\/auth\.js$|server\/auth\/errors\.js$)/,
  /^file-type$/,
  /^unhomoglyph$/,
])('a start does not load %s before it has logged in', (name) => {
  expect(waysTo(name)).toEqual([]);
});

test('what a start loads is found', () => {
  expect(waysTo(/^discord\.js$/)).not.toEqual([]);
});

test('at the end of a start all files of the bot that it may need are loaded: an update replaces them while it runs', () => {
  const own = sourcesIn('src').filter((file) => !/^src\/(cli|sharded)\.ts$|^src\/(backup|doctor|setup)\//.test(file));
  const later = own.flatMap((file) => importsOf(file).filter(({ to, isLater }) => isLater && to.startsWith('src/')));
  const byTheStart = later.filter(({ from }) => from === 'src/bot.ts' || from === 'src/kubeez/connection.ts');
  const loaded = new Set(byTheStart.map(({ to }) => to));
  expect(later.filter(({ to }) => !loaded.has(to))).toEqual([]);
  expect(loaded.size).toBeGreaterThan(3);
});
