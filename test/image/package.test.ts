import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { freePort } from '../../playground/freePort.ts';
import { pictureFile } from '../../playground/props.ts';

const packed = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })]);

/** What of the page's view is looked at here. */
const viewed = z.object({
  me: z.object({ id: z.string() }),
  places: z.array(
    z.object({
      id: z.string(),
      messages: z.array(
        z.object({
          id: z.string(),
          rows: z.array(z.array(z.object({ id: z.string(), label: z.string() }))),
          attachments: z.array(z.object({ url: z.string() })),
        }),
      ),
    }),
  ),
});

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

test('the package has the bot, the playground and what one reads first, and nothing else', () => {
  const programs = ['main', 'sharded', 'cli', 'doctor/main', 'setup/main', 'backup/main'].map(
    (name) => `dist/src/${name}.js`,
  );
  const inside = ['dist/src/shared/', 'dist/playground/'];
  const others = files.filter((path) => !programs.includes(path) && !inside.some((folder) => path.startsWith(folder)));
  expect(others.sort()).toEqual(['.env.example', 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  expect(files).toEqual(expect.arrayContaining(programs));
  expect(files.filter((path) => /demo|screenshot/.test(path))).toEqual([]);
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
  [['backup'], 1, 'npm run backup -- FILE'],
  [['backup', 'copy.db'], 1, 'There is no database at data/bot.db'],
  [['export', 'copy.jsonl'], 1, 'There is no database at data/bot.db'],
  [['restore', 'copy.db'], 1, 'There is no file copy.db'],
] as const)('in an empty folder %j ends with %i and says why', (args, code, sentence) => {
  const { status, said } = run(...args);
  expect(said).toContain(sentence);
  expect(status).toBe(code);
});

test('in an empty folder the playground starts, a picture is edited on its page, and a story is played', async () => {
  const port = await freePort();
  const playground = spawn('npx', ['--no-install', 'kubeez-discord', 'playground'], {
    cwd: join(folder, 'empty'),
    env: { PATH: process.env.PATH, HOME: folder, PLAYGROUND_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own, so that nothing of it is left where this fails.
    detached: true,
  });
  onTestFinished(() => void process.kill(-(playground.pid ?? 0), 'SIGTERM'));
  await new Promise<void>((resolve) =>
    playground.stdout.on('data', (said) => String(said).includes('is ready') && resolve()),
  );

  const address = `http://127.0.0.1:${port}`;
  expect(await (await fetch(address)).text()).toContain('playground');
  for (const file of ['app.js', 'style.css', 'panel/main.js', 'panel/panel.css'])
    expect((await fetch(`${address}/${file}`)).status, file).toBe(200);

  const view = async () => viewed.parse(await (await fetch(`${address}/view?as=`)).json());
  const { me, places } = await view();
  const act = async (action: object, file?: File) => {
    const form = new FormData();
    form.append('action', JSON.stringify({ as: me.id, place: places[0]?.id, ...action }));
    if (file) form.append('image', file);
    await fetch(`${address}/act`, { method: 'POST', body: form });
  };
  const newest = async () => (await view()).places[0]?.messages.at(-1);
  const image = new File([new Uint8Array(await pictureFile())], 'cat.png', { type: 'image/png' });
  await act({ do: 'command', command: 'edit', values: { prompt: 'a fox', model: 'nano-banana-edit' } }, image);
  const confirm = async () => {
    const message = await newest();
    return message?.rows
      .flat()
      .flatMap(({ id, label }) => (label.startsWith('Confirm') ? { message: message.id, button: id } : []))[0];
  };
  await expect.poll(confirm, { timeout: 30_000 }).toBeDefined();
  await act({ do: 'press', ...(await confirm()) });
  const result = async () => (await newest())?.attachments[0]?.url;
  await expect.poll(result, { timeout: 60_000 }).toBeDefined();
  const made = Buffer.from(await (await fetch((await result()) ?? '')).arrayBuffer());
  expect(await sharp(made).metadata()).toMatchObject({ format: 'png', width: 768 });

  const story = await (await fetch(`${address}/panel/replay?seed=1`)).json();
  expect(story).toMatchObject({ type: 'story' });
});
