import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { type BotControl, type BotProcess, type Life, startBotProcess } from './botProcess.ts';
import type { Role } from './discord/permissions.ts';
import type { Channel } from './discord/world.ts';
import { freePort } from './freePort.ts';
import type { Settings } from './kubeez/platform.ts';
import { RecordLog } from './panel/recordLog.ts';
import { type Stage, startStage } from './stage.ts';

export interface Show extends Stage, BotControl {
  /** Where approvers can be asked. */
  approvals: Channel;
  /** The role that could approve. */
  leads: Role;
}

/**
 * Raises the curtain: both stand-ins, and the real bot as a process of its own, ready for commands. Ada manages the
 * server, and can connect an account of its own; she and Lea are its Leads, she and Ben are Artists.
 *
 * @param speed how many times faster than the platform's the jobs are
 * @param generation which tools the platform has
 * @param settings what else the bot's environment has
 */
export async function startShow(
  speed: number,
  generation: Settings['generation'] = 'mixed',
  settings: Record<string, string> = {},
): Promise<Show> {
  const stage = await startStage({ clock: systemClock });
  Object.assign(stage.kubeez.platform.settings, { speed, generation, freshFor: 300, cdnLag: 500 });
  for (const rights of [stage.guild.managers, stage.guild.admins]) rights.add(stage.ada.user.id);
  const { world } = stage.discord;
  const lea = world.addUser('Lea');
  stage.guild.members.add(lea.id);
  world.addChannel(stage.guild, 'soundtracks');
  const approvals = world.addChannel(stage.guild, 'approvals');
  const leads = world.addRole(stage.guild, 'Leads', [], [stage.ada.user, lea]);
  world.addRole(stage.guild, 'Artists', [], [stage.ada.user, stage.ben.user]);
  const http = await freePort();
  // The settings beyond README's “for real”; docs/stand-ins.md says why each is needed.
  const env = {
    ...stage.env,
    STATE_KEY: randomBytes(32).toString('base64'),
    HTTP_PORT: String(http),
    PUBLIC_URL: `http://127.0.0.1:${http}`,
    ...settings,
  };
  // The stand-ins forget everything when they stop, so the bot begins anew as well, in a folder without .env; there it
  // keeps its records where it keeps them by itself.
  const folder = mkdtempSync(join(tmpdir(), 'kubeez-playground-'));
  const records = await RecordLog.open(join(folder, 'data', 'bot.db'));
  const lives: Life[] = [];
  let bot: BotProcess | undefined;
  const start = () => {
    if (bot) return;
    const started = startBotProcess(env, folder);
    bot = started;
    const life: Life = { number: lives.length + 1, startedAt: Date.now(), endedAt: null, isKilled: false };
    lives.push(life);
    void started.ended.then((code) => {
      life.endedAt = Date.now();
      life.isKilled = started.process.signalCode === 'SIGKILL';
      if (bot !== started) return;
      bot = undefined;
      // The stand-ins go on without it, as Discord and Kubeez do.
      console.error(`The bot has ended (${code}):\n${started.output.slice(-5).join('')}`);
      stage.discord.world.changed();
    });
    stage.discord.world.changed();
  };
  start();
  await stage.discord.world.until(() => stage.ada.commands(stage.channel).length > 0, 'the bot', 30_000);
  return {
    ...stage,
    approvals,
    leads,
    isRunning: () => bot !== undefined,
    start,
    lives,
    records,
    kill: () => void bot?.process.kill('SIGKILL'),
    async close() {
      const last = bot;
      bot = undefined;
      last?.process.kill('SIGTERM');
      await last?.ended;
      records.close();
      await stage.close();
    },
  };
}
