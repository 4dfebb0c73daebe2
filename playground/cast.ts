import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { type BotProcess, startBotProcess } from './botProcess.ts';
import { freePort } from './freePort.ts';
import type { Settings } from './kubeez/platform.ts';
import { type Stage, startStage } from './stage.ts';

export interface Show extends Stage {
  bot: BotProcess;
}

/**
 * Raises the curtain: both stand-ins, and the real bot as a process of its own, ready for commands. Ada manages the
 * server, and can connect an account of its own.
 *
 * @param speed how many times faster than the platform's the jobs are
 * @param generation which tools the platform has
 */
export async function startShow(speed: number, generation: Settings['generation'] = 'mixed'): Promise<Show> {
  const stage = await startStage({ clock: systemClock });
  Object.assign(stage.kubeez.platform.settings, { speed, generation, freshFor: 300, cdnLag: 500 });
  for (const rights of [stage.guild.managers, stage.guild.admins]) rights.add(stage.ada.user.id);
  const http = await freePort();
  // The settings beyond README's “for real”; docs/stand-ins.md says why each is needed.
  const env = {
    ...stage.env,
    STATE_KEY: randomBytes(32).toString('base64'),
    HTTP_PORT: String(http),
    PUBLIC_URL: `http://127.0.0.1:${http}`,
  };
  // The stand-ins forget everything when they stop, so the bot begins anew as well, in a folder without .env and data/.
  const bot = startBotProcess(env, mkdtempSync(join(tmpdir(), 'kubeez-playground-')));
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
