import { onTestFinished } from 'vitest';
import { type BotProcess, startBotProcess } from '../playground/botProcess.ts';
import type { TestStage } from './stage.ts';

/** Starts the bot of production as a process that ends with the test. */
export function startProcess({ env, discord }: TestStage, changes: Record<string, string> = {}): BotProcess {
  const bot = startBotProcess({ ...env, ...changes });
  onTestFinished(() => void bot.process.kill('SIGKILL'));
  for (const stream of [bot.process.stdout, bot.process.stderr]) stream?.on('data', () => discord.world.changed());
  return bot;
}

/** Waits until a process has written some words, for so many milliseconds. */
export const said = ({ discord }: TestStage, bot: BotProcess, words: string, patience = 40_000) =>
  discord.world.until(() => bot.output.join('').includes(words), `the words “${words}”`, patience);
