import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ApplicationCommandOptionType } from 'discord-api-types/v10';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { figuresTable, growthTable, machineText } from '../../bench/tables.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { architecture } from '../../scripts/architecture.ts';
import { benchResults } from '../../scripts/benchResults.ts';
import { commandTable } from '../../scripts/commandTable.ts';
import { growthPicture } from '../../scripts/growthPicture.ts';
import { withMadePart } from '../../scripts/madePart.ts';
import { commands } from '../../src/commands/index.ts';
import { inviteLink } from '../../src/discord/invite.ts';

const results = benchResults();

test.each([
  ['README.md', 'commands', commandTable],
  ['README.md', 'figures', () => `${machineText(results)}\n\n${figuresTable(results)}`],
  ['docs/architecture.md', 'rooms', architecture],
  ['docs/speed.md', 'growth', () => `${machineText(results)}\n\n${growthTable(results)}`],
])('%s is up to date: run `npm run docs`', (file, name, make) => {
  const document = readFileSync(file, 'utf8');
  expect(document).toBe(withMadePart(document, name, make()));
});

test('the picture of how costs grow shows what was measured: run `npm run docs`', () => {
  expect(readFileSync('docs/pictures/growth.svg', 'utf8')).toBe(growthPicture(results, 'dark'));
  expect(readFileSync('docs/pictures/growth-light.svg', 'utf8')).toBe(growthPicture(results, 'light'));
});

test('README has the link that the bot itself prints', () => {
  expect(readFileSync('README.md', 'utf8')).toContain(`\`${inviteLink('APP_ID')}\``);
});

/** The anchors that a page's headings give, as GitHub makes them. */
const anchorsOf = (page: string) =>
  [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'));

test.each(pages)('the links of %s lead somewhere', (page) => {
  const text = readFileSync(page, 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  const lost = links.filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : join(dirname(page), file);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
  });
  expect(lost).toEqual([]);
});

test('every page of docs can be reached from the first', () => {
  const reached = new Set(['docs/index.md']);
  for (const page of reached)
    for (const [, link = ''] of readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+\.md)/g))
      reached.add(join(dirname(page), link));
  expect(pages.filter((page) => page.startsWith('docs/') && !reached.has(page))).toEqual([]);
});

describe('pictures', () => {
  const form =
    /<picture><source media="\(prefers-color-scheme: light\)" srcset="([^"]+)"><img alt="([^"]*)" src="([^"]+)"><\/picture>/g;
  const shown = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(form)].map(([, light = '', alt = '', dark = '']) => ({
      alt,
      light: join(dirname(page), light),
      dark: join(dirname(page), dark),
    })),
  );
  const kept = readdirSync('docs/pictures').map((name) => `docs/pictures/${name}`);

  test('say in words what they show', () => {
    expect(shown.filter(({ alt }) => alt.split(' ').length < 4)).toEqual([]);
  });

  test('are there in dark and in light colours', () => {
    expect(shown.filter(({ light, dark }) => light !== dark.replace(/\.(png|svg)$/, '-light.$1'))).toEqual([]);
    expect(pages.filter((page) => readFileSync(page, 'utf8').includes('!['))).toEqual([]);
  });

  test('are all used, few and small', () => {
    expect(new Set(shown.flatMap(({ light, dark }) => [light, dark]))).toEqual(new Set(kept));
    expect(kept.length).toBeLessThanOrEqual(30);
    for (const file of kept) expect(statSync(file).size, file).toBeLessThanOrEqual(60_000);
  });
});

describe('what pages name exists', () => {
  /** Everything that stands as code in any of the pages, without that which is a tool of the code’s own stories. */
  const code = pages
    .filter((page) => !['docs/texts.md', 'docs/errors.md'].includes(page))
    .flatMap((page) => [...readFileSync(page, 'utf8').matchAll(/`([^`\n]+)`|^ *((?:npm|npx|node) .*)$/gm)])
    .map(([, inline, line]) => inline ?? line ?? '');

  test('scripts of npm', () => {
    const scripts = z.object({ scripts: z.record(z.string(), z.string()) }).parse(packageJson).scripts;
    const named = code.flatMap((text) =>
      [...text.matchAll(/\bnpm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => name),
    );
    expect(new Set(named).size).toBeGreaterThan(10);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  /** Whether it has commands within it, such as `/budget show`. */
  const hasParts = (data: object): boolean =>
    'options' in data && JSON.stringify(data.options).includes(`"type":${ApplicationCommandOptionType.Subcommand},`);

  test('commands, their parts and their options', () => {
    const known = new Set(
      commands.flatMap(({ name, define }) => {
        const { options = [] } = define();
        const names = options.flatMap((option) => [
          `${name} ${option.name}`,
          ...('options' in option ? (option.options ?? []) : []).map((inner) => `${name} ${option.name} ${inner.name}`),
        ]);
        return [name, ...names];
      }),
    );
    const samples = code.filter(
      (text) =>
        /^\/[a-z]+( |$)/.test(text) &&
        !/^\/(api|health|healthz|readyz|metrics|oauth\/callback|token|authorize)$/.test(text),
    );
    expect(samples.length).toBeGreaterThan(60);
    const unknown = samples.filter((sample) => {
      const [command = '', part = ''] = sample.slice(1).split(' ');
      const isDivided = commands.some(({ name, define }) => name === command && hasParts(define()));
      const words = isDivided && part !== '' ? [command, part] : [command];
      const options = [...sample.matchAll(/(\w+):/g)].map(([, option]) => [...words, option].join(' '));
      return [words.join(' '), ...options].some((name) => !known.has(name));
    });
    expect(unknown).toEqual([]);
  });

  test('settings', () => {
    const settings = readFileSync('.env.example', 'utf8').match(/[A-Z][A-Z_]{4,}(?==)/g) ?? [];
    const others = [
      'CHROMIUM_PATH',
      'PLAYGROUND_PORT',
      'PLAYGROUND_TOOLS',
      'STORE_NAME',
      'RAILWAY_RUN_UID',
      'NODE_ENV',
      'NODE_EXTRA_CA_CERTS',
      'APP_ID',
      'ACCESSIBLE',
    ];
    const named = code.flatMap((text) => text.match(/^[A-Z]+_[A-Z_]+/g) ?? []);
    expect(new Set(named).size).toBeGreaterThan(8);
    expect(named.filter((name) => ![...settings, ...others].includes(name))).toEqual([]);
  });
});
