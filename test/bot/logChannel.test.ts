import { beforeEach, expect, test } from 'vitest';
import { selectsOf } from '../../playground/discord/person.ts';
import type { Channel, Message } from '../../playground/discord/world.ts';
import { idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** The channel in which managers read what matters. */
const stage = useStage();

const fox = { prompt: 'a secret fox', model: 'nano-banana' };

/** Ada may manage the server. */
beforeEach(() => stage.guild.admins.add(stage.ada.user.id));

const lines = (channel: Channel) => stage.discord.world.messagesIn(channel.id).map(textOf).join('\n');
const written = (channel: Channel, text: string) =>
  stage.discord.world
    .until(() => lines(channel).includes(text), text)
    .catch(() => {
      throw new Error(`The log does not say “${text}”: ${lines(channel)}`);
    });

async function choose(channel: Channel): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, 'settings'));
  await stage.says(card, 'Log for managers:** ');
  await stage.ada.select(card, 'settings:sections', ['logs']);
  await stage.discord.world.until(() => selectsOf(card).some((menu) => menu.custom_id === 'settings:logs'), 'the menu');
  await stage.ada.select(card, 'settings:logs', [channel.id]);
  return card;
}

async function withLog(): Promise<Channel> {
  const channel = stage.discord.world.addChannel(stage.guild, 'managers');
  const card = await choose(channel);
  await stage.says(card, `Log for managers:** <#${channel.id}>`);
  return channel;
}

const ask = async () => {
  const card = messageOf(await stage.ben.command(stage.channel, 'image', fox));
  await stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm ·'), 'a price');
  return card;
};

test('it says who chose it, and what managers change, with no mention', async () => {
  await stage.startBot();
  const log = await withLog();
  const ada = `<@${stage.ada.user.id}>`;
  await written(log, `${ada} chose this channel for my log.`);
  await written(log, `${ada} changed \`/settings\`.`);
  await stage.ada.command(stage.channel, 'block', { word: 'hedgehog' });
  await written(log, `${ada} blocked a word.`);
  await stage.ada.command(stage.channel, 'block', { word: 'hedgehog', remove: true });
  await written(log, `${ada} unblocked a word.`);
  await stage.ada.command(stage.channel, 'budget set', { credits: 5, per: 'week' });
  await written(log, `${ada} changed the spend limits.`);
  const role = stage.discord.world.addRole(stage.guild, 'leads');
  const channel = stage.channel.id;
  await stage.ada.command(stage.channel, 'budget approval', { kind: 'video', approvers: role.id, channel });
  await written(log, `${ada} changed what has to be approved.`);
  expect(lines(log)).not.toContain('hedgehog');
  expect(stage.discord.world.messagesIn(log.id).flatMap(({ mentions }) => mentions)).toEqual([]);
});

test('a full limit and a refusal by a rule are there by the name of the request, without its words', async () => {
  await stage.startBot();
  const log = await withLog();
  const card = await ask();
  const ben = `<@${stage.ben.user.id}>`;
  await stage.ben.press(card, 'Confirm');
  await stage.says(card, '✅');
  await stage.ada.command(stage.channel, 'budget set', { credits: 8, per: 'week' });
  await written(log, 'changed the spend limits');
  const full = messageOf(await stage.ben.command(stage.channel, 'image', fox));
  await stage.says(full, 'limit');
  await written(log, `[#${idIn(full)}](https://discord.com/channels/`);
  await written(log, `of ${ben} had no room in the limit of the server.`);
  await stage.ada.command(stage.channel, 'block', { word: 'secret' });
  await written(log, 'blocked a word');
  await stage.ben.command(stage.channel, 'image', fox);
  await written(log, `${ben} could not use /image: it has a blocked word.`);
  expect(lines(log)).not.toContain('secret');
  expect(lines(log)).not.toContain('media.');
});

test('a channel where the bot may not write is not taken', async () => {
  const { world } = stage.discord;
  const channel = world.addChannel(stage.guild, 'closed');
  await stage.startBot();
  channel.denied.add('SendMessages');
  await choose(channel);
  await stage.message((message) => message.content.includes(`I cannot write in <#${channel.id}>`));
  expect(String(await stage.readRecord(`guild:${stage.guild.id}`))).not.toContain(channel.id);
});

test('a channel that is gone is told to the log once, and nobody notices', async () => {
  await stage.startBot();
  const log = await withLog();
  await written(log, 'changed `/settings`');
  stage.discord.world.channels.delete(log.id);
  for (const word of ['one word', 'two words', 'three words']) {
    const answer = messageOf(await stage.ada.command(stage.channel, 'block', { word }));
    await stage.says(answer, word);
  }
  await stage.says(await ask(), 'Confirm ·');
  const told = () => stage.log.filter((line) => line.includes('log channel cannot be written to')).length;
  await stage.discord.world.until(() => told() > 0, 'a warning');
  expect(told()).toBe(1);
});

test('a channel that was closed is written to again once it is chosen again', async () => {
  await stage.startBot();
  const log = await withLog();
  log.denied.add('SendMessages');
  await stage.ada.command(stage.channel, 'block', { word: 'one word' });
  await expect.poll(() => stage.log.join('')).toContain('log channel cannot be written to');
  log.denied.delete('SendMessages');
  await choose(log);
  await stage.ada.command(stage.channel, 'block', { word: 'two words' });
  await written(log, 'blocked a word');
});

test('after a start it says how many requests were taken up, and how many have ended', async () => {
  const first = await stage.startBot();
  const log = await withLog();
  stage.holdJobs();
  const card = await ask();
  await ask();
  await stage.ben.press(card, 'Confirm');
  const job = await stage.job();
  await first.stop();
  stage.kubeez.platform.finish(job.id);
  await stage.startBot();
  await expect.poll(async () => (await stage.readFlow(idIn(card))).stage, { timeout: 10_000 }).toBe('delivered');
  await stage.inTime(written(log, 'I started again: 2 requests taken up, 1 finished meanwhile.'));
});
