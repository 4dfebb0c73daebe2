import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../playground/freePort.ts';
import { type Stage, startStage } from '../../playground/stage.ts';
import { systemClock } from '../../src/clock.ts';
import { buildImage, type Image } from './image.ts';

let folder: string;
let image: Image;
let stage: Stage;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kubeez-image-'));
  image = buildImage(process.cwd(), folder);
  stage = await startStage({ clock: systemClock });
});
afterAll(async () => {
  await stage?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a process of the image, as a container would: with its environment and nothing of this one's but the path. */
function start([name = '', ...args]: string[], env: Record<string, string>) {
  const child = spawn(name, args, {
    cwd: join(image.root, image.workdir),
    env: { PATH: process.env.PATH, ...image.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      output += data;
    });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, output: () => output };
}

const health = (env: Record<string, string>) => start(image.healthCheck, env).ended;

test('the image has the bot, its libraries and nothing that built it', () => {
  const at = (path: string) => join(image.root, image.workdir, path);
  expect(readdirSync(at('.')).sort()).toEqual(
    ['data', 'deploy', 'dist', 'node_modules', 'package-lock.json', 'package.json'].sort(),
  );
  expect(existsSync(at('node_modules/libsql'))).toBe(true);
  for (const name of ['esbuild', 'vitest', 'playwright-core'])
    expect(existsSync(at(`node_modules/${name}`))).toBe(false);
  expect(statSync(at('data')).mode & 0o777).toBe(0o700);
  expect(image.user).toBe('node');
});

test('started without tokens it names what is missing', async () => {
  const { ended, output } = start(image.command, {});
  expect(await ended).toBe(1);
  expect(output()).toContain('DISCORD_TOKEN is missing');
  expect(output()).toContain('KUBEEZ_TOKEN is missing');
});

test('it becomes well, keeps its data where the volume is, and stops on SIGTERM', async () => {
  const env = { ...stage.env, HTTP_PORT: String(await freePort()) };
  expect(await health(env)).toBe(1);
  const bot = start(image.command, env);
  await expect.poll(() => health(env), { timeout: 60_000 }).toBe(0);
  expect(readdirSync(join(image.root, image.workdir, 'data'))).toContain('bot.db');
  expect(process.kill(pidOf(bot.child), 'SIGTERM')).toBe(true);
  expect(await bot.ended).toBe(0);
  expect(bot.output()).toContain('"msg":"stopping"');
  expect(await health(env)).toBe(1);
});

test('a blank HTTP_PORT is no reason to call it unwell', async () => {
  expect(await health({ HTTP_PORT: '' })).toBe(0);
});

test('its setup checks what is set', async () => {
  const { ended, output } = start([process.execPath, 'dist/src/setup/main.js', '--check'], stage.env);
  expect(await ended).toBe(0);
  expect(output()).toContain('✔ Discord knows the bot as kubeez');
});

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('Nothing was started');
  return pid;
}
