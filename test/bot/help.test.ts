import { expect, test } from 'vitest';
import { z } from 'zod';
import { bitsOf } from '../../playground/discord/permissions.ts';
import type { Message } from '../../playground/discord/world.ts';
import { topicNames, topics } from '../../src/commands/help/topics.ts';
import { commands } from '../../src/commands/index.ts';
import { labels, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

test('every command stands on one page of the help', () => {
  const named = topicNames.flatMap((topic): readonly string[] => topics[topic]);
  expect([...named].sort()).toEqual(commands.map(({ name }) => name).sort());
});

const menuSchema = z.tuple([
  z.object({ components: z.tuple([z.object({ options: z.array(z.object({ value: z.string() })) })]) }),
]);

/** The names of the commands that the pages of a help lead to, after they were turned one by one. */
async function linkedBy(person: typeof stage.ada, card: Message): Promise<string[]> {
  const links: string[] = [];
  for (const { value } of menuSchema.parse(card.components)[0].components[0].options) {
    await person.select(card, 'help:topic', [value]);
    const text = textOf(card);
    expect(text.length).toBeLessThanOrEqual(4096);
    for (const [, name = '', id] of text.matchAll(/<\/([a-z ]+):(\d+)>/g)) {
      const registered = person.commands(stage.channel).find((command) => command.name === name);
      expect({ name, id }).toEqual({ name, id: registered?.id });
      links.push(name);
    }
  }
  return [...new Set(links), 'help'].sort();
}

test('/help leads by a click to every command that works here for whoever asks', async () => {
  await stage.startBot();
  const { ada, ben, channel, guild } = stage;
  guild.admins.add(ada.user.id);
  const help = async (person: typeof ada, place: typeof channel) =>
    linkedBy(person, messageOf(await person.command(place, 'help')));
  const names = (some: { name: string }[]) => some.map(({ name }) => name).sort();
  const registered = ada.commands(channel);
  expect(await help(ada, channel)).toEqual(names(registered));
  const open = registered.filter((command) => !command.default_member_permissions);
  expect(open.length).toBeLessThan(registered.length);
  expect(await help(ben, channel)).toEqual(names(open));
  const inDms = registered.filter(({ contexts }) => Array.isArray(contexts) && contexts.includes(1));
  expect(await help(ada, stage.discord.world.dmWith(ada.user))).toEqual(names(inDms));
});

test('the first page says how it works and what is promised, the others what kinds of work cost', async () => {
  await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'help'));
  expect(card.ephemeralFor).toBe(stage.ada.user.id);
  expect(textOf(card)).toContain('No credit is spent that nobody confirmed at that price, and none twice.');
  await stage.ada.select(card, 'help:topic', ['pictures']);
  expect(textOf(card)).toMatch(/<\/image:\d+> Make a picture from words · from 4 credits/);
});

/** How often the bot asked Discord what is registered. */
const listings = () =>
  stage.discord.api.requests.filter(({ method, path }) => method === 'GET' && path.endsWith('/commands')).length;

test('what Discord answers to a registration is not asked for again; what an earlier start registered is, once', async () => {
  const bot = await stage.startBot();
  const { ada, channel } = stage;
  expect(await linkedBy(ada, messageOf(await ada.command(channel, 'help')))).toContain('image');
  expect(listings()).toBe(0);
  await bot.stop();
  await stage.startBot();
  expect(await linkedBy(ada, messageOf(await ada.command(channel, 'help')))).toContain('image');
  expect(listings()).toBe(1);
});

test('ids that cannot be read: the commands are named', async () => {
  await (await stage.startBot()).stop();
  stage.discord.api.faults.push({ match: /^GET .+commands/, answer: 500, times: Number.POSITIVE_INFINITY });
  await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'help'));
  await stage.ada.select(card, 'help:topic', ['clips']);
  expect(textOf(card)).toContain('**/animate** ');
});

/** The server removes the bot and invites it again; gives the card with which it introduces itself, if there is one. */
async function invited(): Promise<Message | undefined> {
  const { gateway, world } = stage.discord;
  gateway.setMember(stage.guild, false);
  gateway.setMember(stage.guild, true);
  // Later than the card: both wait for the same.
  await stage.ada.command(stage.channel, 'help');
  await expect.poll(() => stage.log.join('')).toContain('"command":"help"');
  await expect.poll(() => asked() || stage.guild.systemChannel === null).toBe(true);
  return world.messagesIn(stage.channel.id).find((message) => textOf(message).startsWith('Hello!'));
}

/** Whether the bot has looked what it may do in the channel. */
const asked = () =>
  stage.discord.api.requests.some(({ method, path }) => method === 'GET' && path === `/channels/${stage.channel.id}`);

async function welcome(env = {}): Promise<Message> {
  stage.guild.systemChannel = stage.channel.id;
  await stage.startBot(env);
  expect(stage.discord.world.messagesIn(stage.channel.id)).toEqual([]);
  await invited();
  return stage.message((message) => textOf(message).startsWith('Hello!'));
}

test('a server that invites the bot reads what it does; one try is priced and costs nothing before Confirm', async () => {
  const card = await welcome();
  // Without a key no account can be kept, so that none is offered to be connected.
  expect(labels(card)).toEqual(['Try it', 'Settings', 'What I can do']);
  const quote = messageOf(await stage.ben.press(card, 'Try it'));
  await stage.says(quote, '[Confirm · 4 credits]');
  expect(textOf(quote)).toContain(`<@${stage.ben.user.id}>`);
  expect(stage.paid()).toBe(0);
  await stage.ben.press(quote, 'Confirm');
  await stage.says(quote, '✅');
  expect(stage.paid()).toBe(1);
});

test('its other buttons: settings and account for managers alone, help for anybody', async () => {
  const card = await welcome({ STATE_KEY: Buffer.alloc(32, 1).toString('base64') });
  for (const button of ['Settings', 'Connect account']) {
    const refused = messageOf(await stage.ben.press(card, button));
    await stage.says(refused, 'Only somebody who may manage this server');
    expect(refused.ephemeralFor).toBe(stage.ben.user.id);
  }
  stage.guild.admins.add(stage.ada.user.id);
  const settings = messageOf(await stage.ada.press(card, 'Settings'));
  await stage.says(settings, 'Settings');
  const help = messageOf(await stage.ben.press(card, 'What I can do'));
  expect(help.ephemeralFor).toBe(stage.ben.user.id);
  expect(textOf(help)).toContain('What I promise');
  expect(stage.discord.world.messagesIn(stage.channel.id).filter(({ ephemeralFor }) => !ephemeralFor)).toEqual([card]);
});

test('nothing is written where there is no such channel, or where the bot may not write', async () => {
  await stage.startBot();
  expect(await invited()).toBeUndefined();
  stage.guild.systemChannel = stage.channel.id;
  const deny = bitsOf('SendMessages');
  stage.channel.overwrites.push({ id: stage.discord.world.bot.id, type: 1, allow: 0n, deny });
  expect(await invited()).toBeUndefined();
  expect(stage.discord.api.requests.filter(({ status }) => status >= 400)).toEqual([]);
});
