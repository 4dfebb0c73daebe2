import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RecordLog } from './panel/recordLog.ts';

/** Where the compiled bot is; tests start it from the sources. */
const compiled = new URL(import.meta.url.includes('/dist/') ? '../src/' : '../dist/src/', import.meta.url);

/** As `npm start` runs it; docs/decisions.md says why. */
const flags = ['--max-semi-space-size=16', '--max-old-space-size=192', '--v8-pool-size=1'];

export interface BotProcess {
  process: ChildProcess;
  /** What the process wrote. */
  output: string[];
  /** Resolves with the exit code once it has ended; null after a signal. */
  ended: Promise<number | null>;
}

/**
 * Starts the real bot, the one of production, with nothing but this environment.
 *
 * @param folder where it finds and keeps its files
 * @param program `sharded` starts one process of it for each shard
 */
export function startBotProcess(
  env: Record<string, string>,
  folder = process.cwd(),
  program: 'main' | 'sharded' = 'main',
): BotProcess {
  const file = fileURLToPath(new URL(`${program}.js`, compiled));
  const child = spawn(process.execPath, [...flags, file], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(String(data)));
  return { process: child, output, ended: new Promise((resolve) => child.once('exit', (code) => resolve(code))) };
}

/** One process of the bot's, of as many as there were. */
export interface Life {
  /** Counted from 1. */
  number: number;
  /** When it was started, and when it ended; milliseconds since 1970. */
  startedAt: number;
  endedAt: number | null;
  /** Whether it was killed (`kill -9`). */
  isKilled: boolean;
}

/** The bot as a process of its own, which the page may kill (`kill -9`) and start again. */
export interface BotControl {
  isRunning(): boolean;
  kill(): void;
  start(): void;
  /** Its processes so far. */
  lives: readonly Life[];
  /** What it keeps. */
  records: RecordLog;
}
