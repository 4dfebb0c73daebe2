import { expect, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import { formOf, labels, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
const mebibyte = 1024 * 1024;
const minute = 60_000;
async function confirmed(command: string, values: Parameters<typeof stage.ada.command>[2]): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, command, values));
  await stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm ·'), 'a price');
  await stage.ada.press(card, 'Confirm');
  return card;
}

test('one of four jobs never ends: the other three arrive, and the card says what is missing', async () => {
  stage.holdJobs();
  await stage.startBot();
  const first = await confirmed('image', { prompt: 'a fox', model: 'nano-banana' });
  stage.kubeez.platform.finish((await stage.job()).id);
  await stage.discord.world.until(() => textOf(first).includes('✅'), 'the first picture');
  const form = formOf(await stage.ada.press(first, 'Vary'));
  const card = messageOf(await stage.ada.submit(stage.channel, form, { variants: '4' }, first));
  await stage.card('Confirm · 28');
  await stage.ada.press(card, 'Confirm');
  await stage.job(5);
  for (const { id } of [...stage.kubeez.platform.jobs.values()].slice(1, 4)) stage.kubeez.platform.finish(id);
  await stage.inTime(stage.discord.world.until(() => textOf(card).includes('✅'), 'three'));
  expect(card.attachments).toHaveLength(3);
  expect(textOf(card)).toContain('Not there yet: 1 of 4 jobs. Press **Fresh link** in a few minutes.');
});

test('a host that is late by some tries costs seconds, and not a word on the card', async () => {
  await stage.startBot();
  stage.kubeez.faults.push({ tool: /^\/images\//, how: 404, times: 3 });
  const card = await confirmed('image', { prompt: 'a fox', model: 'nano-banana' });
  const seen = new Set<string>();
  await stage.discord.world.until(() => seen.add(textOf(card)) && textOf(card).includes('✅'), 'the picture');
  expect(card.attachments).toHaveLength(1);
  expect([...seen].join('\n')).not.toContain('could not be brought here yet');
});

test('replies that were posted before a kill are not posted again, however much later the bot comes back', async () => {
  const bot = await stage.startBot();
  stage.kubeez.platform.settings.padding = 9 * mebibyte;
  const first = await confirmed('image', { prompt: 'a fox', model: 'nano-banana' });
  await stage.discord.world.until(() => textOf(first).includes('✅'), 'the first picture');
  stage.holdJobs();
  const form = formOf(await stage.ada.press(first, 'Vary'));
  const card = messageOf(await stage.ada.submit(stage.channel, form, { variants: '4' }, first));
  await stage.card('Confirm · 28');
  await stage.ada.press(card, 'Confirm');
  await stage.job(5);
  await stage.discord.world.until(() => textOf(card).includes(' s · '), 'running jobs');
  // Discord takes the replies, but not the card.
  stage.discord.world.unwanted.push({ what: 'words', pattern: /✅/, status: 503, code: 0, times: 1e9 });
  for (const { id } of stage.kubeez.platform.jobs.values()) stage.kubeez.platform.finish(id);
  const replies = () => stage.discord.world.messagesIn(stage.channel.id).filter(({ replyTo }) => replyTo === card.id);
  await stage.discord.world.until(() => replies().length > 0, 'a reply');
  const id = /#(\w{8})/.exec(textOf(card))?.[1] ?? '';
  await expect.poll(() => stage.readRecord(`flow:${id}`), { timeout: 10_000 }).toContain('"sentAhead":[{');
  await bot.stop(2000);
  stage.discord.world.unwanted.length = 0;
  stage.clock.advance(20 * minute);
  await stage.startBot();
  await stage.discord.world.until(() => textOf(card).includes('✅'), 'the card');
  const withFiles = replies().filter(({ attachments }) => attachments.length > 0);
  expect([card, ...withFiles].map(({ attachments }) => attachments.length)).toEqual([2, 2]);
  const names = [card, ...withFiles].flatMap(({ attachments }) => attachments.map(({ filename }) => filename));
  expect(names.map((name) => /-(\d)-\w{8}\.png$/.exec(name)?.[1])).toEqual(['1', '2', '3', '4']);
});
