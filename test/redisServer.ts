import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { freePort } from '../playground/freePort.ts';

/** Whether tests may use one (Debian: redis-server). */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export interface RedisServer {
  url: string;
  /** Starts it where it was before, with what it had. */
  start(): Promise<void>;
  /** Kills it. */
  stop(): Promise<void>;
  /** Holds it still, or lets it go on: connections stay open, and nothing is answered. */
  hold(isHeld: boolean): void;
  /** Asks it something, as `redis-cli` would. */
  ask(...command: string[]): string;
}

/** A Redis of one test's own, which ends with the test. */
export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kubeez-redis-'));
  const port = await freePort();
  let server: ChildProcess | undefined;
  const redis: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const settings = { port, save: '', appendonly: 'yes', appendfsync: 'always', bind: '127.0.0.1', dir: folder };
      const started = spawn(
        'redis-server',
        Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]),
      );
      server = started;
      await new Promise<void>((resolve) =>
        started.stdout.on('data', (data) => String(data).includes('Ready to accept') && resolve()),
      );
    },
    async stop() {
      const ended = new Promise((resolve) => server?.once('exit', resolve));
      server?.kill('SIGKILL');
      if (server) await ended;
      server = undefined;
    },
    hold: (isHeld) => void server?.kill(isHeld ? 'SIGSTOP' : 'SIGCONT'),
    ask: (...command) => String(spawnSync('redis-cli', ['-p', String(port), ...command]).stdout).trim(),
  };
  await redis.start();
  running.push({ ...redis, remove: () => rmSync(folder, { recursive: true, force: true }) });
  return redis;
}

const running: (RedisServer & { remove(): void })[] = [];

/** Ends what the tests of a file have started. */
export const stopRedisAfterEach = () =>
  afterEach(async () => {
    for (const redis of running.splice(0)) {
      await redis.stop();
      redis.remove();
    }
  });
