import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { freePort } from '../../playground/freePort.ts';
import { sayYes, signInLink } from '../signIn.ts';
import { messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

test('a process runs its own shards, registers commands with shard 0 only, and takes up its own servers’ flows', async () => {
  const own = Number((BigInt(stage.guild.id) >> 22n) % 2n);
  const others = await stage.startBot({ SHARDS: `${1 - own}`, SHARD_COUNT: '2', STATE_URL: stage.env.STATE_URL ?? '' });
  const ours = await stage.startBot({ SHARDS: `[${own}]`, SHARD_COUNT: '2' });
  const puts = stage.discord.api.requests.filter(({ method }) => method === 'PUT');
  expect(puts).toHaveLength(1);
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.card('Confirm');
  await ours.stop();
  await others.stop();
  await stage.startBot({ SHARDS: `${1 - own}`, SHARD_COUNT: '2' });
  expect(stage.log.at(-1)).toContain('"resumed":0');
  await stage.startBot({ SHARDS: `${own}`, SHARD_COUNT: '2' });
  expect(stage.log.some((line) => line.includes('"resumed":1'))).toBe(true);
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => textOf(card).includes('✅'), 'the result');
  expect(stage.paid()).toBe(1);
});

const ownShard = () => Number((BigInt(stage.guild.id) >> 22n) % 2n);

test('processes share the limits of the bot’s own account: each begins its part at once', async () => {
  stage.holdJobs();
  for (const shard of ['0', '1']) await stage.startBot({ SHARDS: shard, SHARD_COUNT: '2' });
  const cards: Message[] = [];
  for (let number = 1; number <= 6; number++) {
    const prompt = `fox ${number}`;
    const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'z-image' }));
    await stage.discord.world.until(() => buttonsOf(card)[0]?.label.startsWith('Confirm ·'), 'a price');
    await stage.ada.press(card, 'Confirm');
    cards.push(card);
  }
  await stage.discord.world.until(() => cards.some((card) => textOf(card).includes('1st in line')), 'a line');
  expect(stage.paid()).toBe(5);
});

test('an account that is connected at another process is used at once, and one that is renewed there as well', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  const [front, back] = [await freePort(), await freePort()];
  const env = {
    KUBEEZ_TOKEN: '',
    STATE_KEY: randomBytes(32).toString('base64'),
    PUBLIC_URL: `http://127.0.0.1:${front}`,
    SHARD_COUNT: '2',
  };
  await stage.startBot({ ...env, SHARDS: `${1 - ownShard()}`, HTTP_PORT: String(front) });
  await stage.startBot({ ...env, SHARDS: `${ownShard()}`, HTTP_PORT: String(back) });
  for (const prompt of ['a fox', 'a wolf']) {
    expect(await sayYes(await signInLink(stage))).toContain('now pays with this Kubeez account');
    const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'z-image' }));
    await stage.discord.world.until(() => textOf(card).includes('996 left'), 'a price for a fresh account');
    await stage.ada.press(card, 'Confirm');
    await stage.discord.world.until(() => textOf(card).includes('✅'), 'the result');
  }
});
