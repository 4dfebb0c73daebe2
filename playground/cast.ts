import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { type BotProcess, startBotProcess } from './botProcess.ts';
import { type Stage, startStage } from './stage.ts';

export interface Show extends Stage {
  bot: BotProcess;
}

/**
 * Raises the curtain: both stand-ins, and the real bot as a process of its own, ready for commands.
 *
 * @param speed how many times faster than the platform's the jobs are
 */
export async function startShow(speed: number): Promise<Show> {
  // The stand-ins forget everything when they stop, so the bot begins anew as well.
  const folder = mkdtempSync(join(tmpdir(), 'kubeez-playground-'));
  const stage = await startStage({ clock: systemClock, stateUrl: `sqlite:${join(folder, 'bot.db')}` });
  Object.assign(stage.kubeez.platform.settings, { speed, freshFor: 300, cdnLag: 500 });
  const bot = startBotProcess({ ...stage.env, KUBEEZ_POLL_SECONDS: '1' });
  let isOver = false;
  void bot.ended.then((code) => {
    if (isOver) return;
    console.error(`The bot has ended (${code}):\n${bot.output.slice(-5).join('')}`);
    process.exit(1);
  });
  await stage.discord.world.until(() => stage.ada.commands(stage.channel).length > 0, 'the bot', 30_000);
  return {
    ...stage,
    bot,
    async close() {
      isOver = true;
      bot.process.kill('SIGTERM');
      await bot.ended;
      await stage.close();
    },
  };
}
