import { expect, test } from 'vitest';
import { importsOf } from '../../scripts/imports.ts';

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
