import { expect, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import { idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** A server removes the bot while something that was paid for is under way. */
const stage = useStage();

async function running(): Promise<Message> {
  stage.holdJobs();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm'), 'a price');
  await stage.ada.press(card, 'Confirm');
  await stage.job();
  await stage.discord.world.until(() => textOf(card).includes(' s · '), 'the progress');
  return card;
}

const removeBot = () => stage.discord.gateway.setMember(stage.guild, false);
const inviteAgain = () => stage.discord.gateway.setMember(stage.guild, true);

test('a paid result goes to its requester by DM, and is in the history when the bot is invited again', async () => {
  await stage.startBot();
  const card = await running();
  removeBot();
  expect(await stage.ada.pressRaw(card, `flow:cancel:${idIn(card)}`)).toEqual({ type: 'failed' });
  stage.kubeez.platform.finish((await stage.job()).id);
  const found = () => stage.ada.directMessages().find(({ attachments }) => attachments.length === 1);
  const sent = await stage.inTime(stage.discord.world.until(found, 'the result'));
  expect(textOf(sent)).toContain('✅');
  expect(textOf(card)).not.toContain('✅');
  expect(stage.paid()).toBe(1);
  await expect.poll(async () => (await stage.readFlow(idIn(card))).stage).toBe('delivered');

  inviteAgain();
  const history = messageOf(await stage.ada.command(stage.channel, 'history', { server: true }));
  await stage.says(history, 'a fox');
});

test('the same where the bot was not running when the server removed it', async () => {
  const first = await stage.startBot();
  await running();
  await first.stop();
  removeBot();
  stage.kubeez.platform.finish((await stage.job()).id);
  await stage.startBot();
  const found = () => stage.ada.directMessages().find(({ attachments }) => attachments.length === 1);
  const sent = await stage.inTime(stage.discord.world.until(found, 'the result'));
  expect(textOf(sent)).toContain('✅');
  expect(stage.paid()).toBe(1);
});

test('an outage is no removal: the flow goes on in its card', async () => {
  await stage.startBot();
  const card = await running();
  stage.discord.gateway.setAvailable(stage.guild, false);
  stage.kubeez.platform.finish((await stage.job()).id);
  await stage.says(card, '✅');
  expect(card.attachments).toHaveLength(1);
  stage.discord.gateway.setAvailable(stage.guild, true);
  expect(stage.ada.directMessages()).toEqual([]);
});
