import { expect, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import { messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

/** A job that runs until the test finishes it. */
async function running(channel = stage.channel): Promise<Message> {
  stage.holdJobs();
  const card = messageOf(await stage.ada.command(channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.card('Confirm ·', channel);
  await stage.ada.press(card, 'Confirm');
  await stage.card(' s · ', channel);
  return card;
}

async function finish(outcome: 'completed' | 'failed' = 'completed'): Promise<void> {
  stage.kubeez.platform.finish((await stage.job()).id, outcome);
}

const callsIn = (channel = stage.channel) =>
  stage.discord.world.messagesIn(channel.id).filter(({ mentions }) => mentions.length > 0);

async function setMentions(mentions?: boolean): Promise<Message> {
  const answer = messageOf(
    await stage.ada.command(stage.channel, 'preferences', mentions === undefined ? {} : { mentions }),
  );
  await stage.discord.world.until(() => answer.content !== '', 'an answer');
  return answer;
}

test('whoever waited more than 30 s after Confirm is mentioned in a reply to the card, once', async () => {
  await stage.startBot();
  const card = await running();
  stage.clock.advance(31_000);
  await finish();
  const call = await stage.message(({ replyTo }) => replyTo === card.id);
  expect(call.content).toBe(`<@${stage.ada.user.id}> your image is ready.`);
  expect(call.mentions).toEqual([stage.ada.user.id]);
  expect(textOf(card)).toContain('✅');
});

test('who waited less, or thought about the price for long, is not mentioned', async () => {
  const bot = await stage.startBot();
  stage.holdJobs();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.card('Confirm ·');
  stage.clock.advance(120_000);
  await stage.ada.press(card, 'Confirm');
  await finish();
  await stage.card('✅');
  await bot.stop();
  expect(callsIn()).toEqual([]);
});

test('/preferences mentions:False switches it off for oneself, also after a restart', async () => {
  const first = await stage.startBot();
  expect((await setMentions()).content).toContain('I mention you when something that took over 30 seconds is ready.');
  const answer = await setMentions(false);
  expect(answer.ephemeralFor).toBe(stage.ada.user.id);
  expect(answer.content).toContain('I do not mention you');
  await first.stop();
  const second = await stage.startBot();
  expect((await setMentions()).content).toContain('I do not mention you');
  const card = await running();
  stage.clock.advance(31_000);
  await finish();
  await stage.card('✅');
  await second.stop();
  expect(callsIn()).toEqual([]);
  expect(stage.discord.world.messagesIn(stage.channel.id).filter(({ replyTo }) => replyTo === card.id)).toEqual([]);
});

test('who wants no mentions is not pinged by a fresh message in place of a deleted card', async () => {
  await stage.startBot();
  await setMentions(false);
  const card = await running();
  stage.discord.world.messages.delete(card.id);
  await finish();
  expect((await stage.card('✅')).mentions).toEqual([]);
});

test('a restart in between changes nothing: one mention, and none at the restart after it', async () => {
  const first = await stage.startBot();
  const card = await running();
  await first.stop();
  stage.clock.advance(60_000);
  const second = await stage.startBot();
  await finish();
  await stage.message(({ replyTo }) => replyTo === card.id);
  await second.stop();
  stage.clock.advance(20 * 60_000);
  const third = await stage.startBot();
  await third.stop();
  expect(callsIn()).toHaveLength(1);
});

test('a failure that took long is told as well', async () => {
  await stage.startBot();
  const card = await running();
  stage.clock.advance(31_000);
  await finish('failed');
  const call = await stage.message(({ replyTo }) => replyTo === card.id);
  expect(call.content).toBe(`<@${stage.ada.user.id}> your image could not be made. The card says why.`);
  expect(textOf(card)).toContain('❌');
});
