import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';

const least = { DISCORD_TOKEN: 'd', KUBEEZ_TOKEN: 'k' };

test('the least that is needed, and what the rest then is', () => {
  expect(parseConfig(least)).toEqual({
    ok: true,
    config: {
      DISCORD_TOKEN: 'd',
      KUBEEZ_TOKEN: 'k',
      DISCORD_API_URL: 'https://discord.com/api',
      KUBEEZ_MCP_URL: 'https://mcp.kubeez.com/mcp',
      KUBEEZ_POLL_SECONDS: 5,
      KUBEEZ_MEDIA_ORIGINS: [],
      STATE_URL: 'sqlite:data/bot.db',
      LOG_LEVEL: 'info',
    },
  });
});

test('a blank value, as .env.example has them, means unset', () => {
  const names = readFileSync('.env.example', 'utf8').match(/^[A-Z_]+(?==)/gm) ?? [];
  const blank = Object.fromEntries(names.map((name) => [name, '']));
  expect(parseConfig({ ...blank, ...least, KUBEEZ_POLL_SECONDS: ' ' })).toEqual(parseConfig(least));
});

test.each(['0', '0,1', '[0,1]', '[ 1 ]'])('SHARDS may be written as %s', (SHARDS) => {
  const result = parseConfig({ ...least, SHARDS, SHARD_COUNT: '4' });
  expect(result.ok && result.config.SHARDS).toEqual(SHARDS.match(/\d+/g)?.map(Number));
});

test('SHARDS may be any one that is free', () => {
  const result = parseConfig({ ...least, SHARDS: 'auto', SHARD_COUNT: '4' });
  expect(result.ok && result.config.SHARDS).toBe('auto');
});

test.each([
  ['DISCORD_TOKEN', undefined],
  ['KUBEEZ_TOKEN', ''],
  ['DISCORD_API_URL', 'https://discord.com'],
  ['DISCORD_API_URL', 'https://discord.com/api/v10'],
  ['DISCORD_GUILD_ID', 'my server'],
  ['KUBEEZ_MCP_URL', 'ftp://mcp.kubeez.com'],
  ['KUBEEZ_POLL_SECONDS', '0'],
  ['KUBEEZ_POLL_SECONDS', 'often'],
  ['KUBEEZ_MEDIA_ORIGINS', 'media.kubeez.com'],
  ['STATE_URL', 'mongodb://x'],
  ['STATE_KEY', 'too short'],
  ['SHARDS', 'all'],
  ['LOG_LEVEL', 'loud'],
])('%s = %s is refused by name, without repeating the value', (name, value) => {
  const result = parseConfig({ ...least, [name]: value });
  const problems = result.ok ? [] : result.problems;
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(name);
  if (value && value.length > 3) expect(problems[0]).not.toContain(value);
});

test('SHARDS needs a SHARD_COUNT above its ids', () => {
  for (const env of [{ SHARDS: '0' }, { SHARDS: 'auto' }, { SHARDS: '4', SHARD_COUNT: '4' }]) {
    const result = parseConfig({ ...least, ...env });
    expect(result.ok ? [] : result.problems).toEqual([expect.stringContaining('SHARD_COUNT')]);
  }
});

test('every setting is in .env.example and in README’s table', () => {
  const names = (file: string, pattern: RegExp) =>
    [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, name = '']) => name).sort();
  const settings = names('src/config.ts', /^ {4}([A-Z_]+): /gm);
  expect(settings.length).toBeGreaterThan(10);
  expect(names('.env.example', /^([A-Z_]+)=/gm)).toEqual(settings);
  const [, table = ''] = readFileSync('README.md', 'utf8').split('## Configuration');
  const cells = [...(table.split('\n## ')[0] ?? '').matchAll(/^\| `.*?\|/gm)].flatMap(([cell]) =>
    cell.match(/[A-Z_]{5,}/g),
  );
  expect(cells.sort()).toEqual(settings);
});
