import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };

const packed = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })]);

let folder: string;
let files: string[];

/** The package, installed as somebody would who has nothing but it. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeez-package-'));
  const said = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { encoding: 'utf8' });
  const [{ filename, files: held }] = packed.parse(JSON.parse(said));
  files = held.map(({ path }) => path);
  const at = join(folder, 'empty');
  mkdirSync(at);
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, filename)], { cwd: at });
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command of the installed package in that folder, with nothing set. */
function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', 'kubeez-discord', ...args], {
    cwd: join(folder, 'empty'),
    env: { PATH: process.env.PATH, HOME: folder },
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

test('the package has the bot and what one reads first, and nothing else', () => {
  const programs = ['main', 'cli', 'doctor/main', 'setup/main'].map((name) => `dist/src/${name}.js`);
  const others = files.filter((path) => !programs.includes(path) && !path.startsWith('dist/src/shared/'));
  expect(others.sort()).toEqual(['.env.example', 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  expect(files).toEqual(expect.arrayContaining(programs));
});

test('it is not published by accident', () => {
  expect(packageJson.private).toBe(true);
});

test.each([
  [['--help'], 0, 'npx kubeez-discord'],
  [[], 2, 'npx kubeez-discord'],
  [['begin'], 2, 'There is no command “begin”. (KD-908)'],
  [['setup'], 1, 'needs a terminal'],
  [['setup', '--check'], 1, 'DISCORD_TOKEN is missing'],
  [['doctor'], 1, 'DISCORD_TOKEN is missing'],
  [['start'], 1, 'DISCORD_TOKEN is missing'],
  [['playground'], 2, 'The playground needs the repository'],
] as const)('in an empty folder %j ends with %i and says why', (args, code, sentence) => {
  const { status, said } = run(...args);
  expect(said).toContain(sentence);
  expect(status).toBe(code);
});
