import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { buttonsOf, type Person } from '../playground/discord/person.ts';
import type { Channel, Guild, Message } from '../playground/discord/world.ts';
import type { Platform } from '../playground/kubeez/platform.ts';
import type { Stage } from '../playground/stage.ts';
import { AccountRecords } from '../src/accounts/records.ts';
import { Seal } from '../src/accounts/seal.ts';
import { createLogger } from '../src/log.ts';
import { Secrets } from '../src/secrets.ts';
import { openStore } from '../src/state/store.ts';
import { startOurs } from './bots.ts';
import { wait } from './measure.ts';

/** A server with an account of its own, and somebody who makes one picture there. */
export interface Tenant {
  guild: Guild;
  channel: Channel;
  person: Person;
  /** Its account at Kubeez. */
  account: Platform;
}

/** Connects an account to each of many servers, as `/connect` would have; gives them and the key that opens them. */
export async function tenants(stage: Stage, count: number): Promise<{ all: Tenant[]; key: string }> {
  const { world } = stage.discord;
  const secret = randomBytes(32);
  const store = await openStore(String(stage.env.STATE_URL), createLogger('silent'));
  const records = new AccountRecords(store, new Seal([secret]), new Secrets());
  const all = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const user = world.addUser(`Owner ${index}`);
      const guild = world.addGuild(`Server ${index}`, [user]);
      const { token, platform: account } = stage.kubeez.addAccount(1000);
      await records.save(guild.id, { by: user.id, at: Date.now(), byName: '', isRefused: false, secret: { token } });
      return { guild, channel: world.addChannel(guild, 'general'), person: stage.discord.person(user), account };
    }),
  );
  await store.close();
  return { all, key: secret.toString('base64') };
}

/** Starts a flow and confirms its price as soon as there is one. */
export async function begin(
  stage: Stage,
  person: Person,
  channel: Channel,
  command: string,
  options: Record<string, string>,
): Promise<Message> {
  const outcome = await person.command(channel, command, options);
  if (outcome.type !== 'message') throw new Error(`Answered with ${outcome.type}`);
  const card = outcome.message;
  await stage.discord.world.until(() => buttonsOf(card)[0]?.label.startsWith('Confirm ·'), 'a price', 120_000);
  await person.press(card, 'Confirm');
  return card;
}

/** TCP connections a process holds open, as the system counts them (Linux). */
export function connectionsOf(pid: number | undefined): number {
  const { stdout } = spawnSync('ls', ['-l', `/proc/${pid}/fd`], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes('socket:')).length;
}

/** The bot, ready for commands, with accounts of servers. */
export async function startTenantBot(stage: Stage, key: string) {
  const bot = startOurs(stage, { STATE_KEY: key });
  await stage.discord.world.until(() => stage.ada.commands(stage.channel).length > 0, 'the bot', 60_000);
  await wait(1500);
  return bot;
}
