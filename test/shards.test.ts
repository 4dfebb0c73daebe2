import { expect, test } from 'vitest';
import { messageOf, textOf, useStage } from './stage.ts';

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
