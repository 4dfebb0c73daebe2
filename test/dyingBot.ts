import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export interface DyingBot {
  output: string[];
  /** Resolves once the process is dead. */
  ended: Promise<void>;
}

/**
 * Starts the compiled production bot, which is killed with SIGKILL right after a flow was saved for the nth time:
 * nothing that would have followed that save happens.
 */
export function startDyingBot(save: number, env: Record<string, string>): DyingBot {
  const child = spawn(process.execPath, ['--import', here('./dieAfterSave.mjs'), here('../dist/src/main.js')], {
    env: { PATH: process.env.PATH, ...env, DIE_AFTER_SAVE: String(save) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(String(data)));
  return { output, ended: new Promise((resolve) => child.once('exit', () => resolve())) };
}
