import { expect, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import { formOf, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
const mebibyte = 1024 * 1024;

/** Starts a job that runs until the test finishes it. */
async function running(channel = stage.channel): Promise<Message> {
  stage.holdJobs();
  await stage.startBot();
  const card = messageOf(await stage.ada.command(channel, 'image', { prompt: 'a fox in snow', model: 'nano-banana' }));
  await stage.card('Confirm', channel);
  await stage.ada.press(card, 'Confirm');
  await stage.card(' s · ', channel);
  return card;
}

/** Finishes the job; the bot notices at its next poll. */
async function finish(): Promise<void> {
  stage.kubeez.platform.finish((await stage.job()).id);
}

test('a file above the limit of the place: a smaller version, said in words, with a link to the full one', async () => {
  stage.kubeez.platform.settings.padding = 11 * mebibyte;
  await running();
  await finish();
  const card = await stage.card('The original is too large for this channel. This is a smaller version.');
  expect(card.attachments[0]).toMatchObject({ content_type: 'image/png' });
  expect(textOf(card)).toMatch(/\[Full size\]\(http.*\/images\/.*\.png\)/);
});

test('neither fits: a poster and a link', async () => {
  Object.assign(stage.kubeez.platform.settings, { padding: 11 * mebibyte, smallerPadding: 11 * mebibyte });
  await running();
  await finish();
  const card = await stage.card('The file is too large for this channel. This is a picture of it.');
  expect(textOf(card)).toMatch(/\[Open the file\]\(http.*\/images\/.*\.png\)/);
  expect(card.attachments[0]).toMatchObject({ content_type: 'image/png' });
});

test('nothing at all may be attached: a link', async () => {
  stage.guild.fileLimit = 50 * mebibyte;
  await running();
  stage.guild.fileLimit = 100;
  await finish();
  const card = await stage.card('The file is too large for this channel. [Open the file](');
  expect(card.attachments).toEqual([]);
});

test('a place that takes less than the interaction promised (40005): the next rung of the ladder', async () => {
  stage.guild.fileLimit = 50 * mebibyte;
  stage.kubeez.platform.settings.padding = 15 * mebibyte;
  await running();
  stage.guild.fileLimit = 10 * mebibyte;
  await finish();
  const card = await stage.card('This is a smaller version.');
  expect(card.attachments).toHaveLength(1);
});

test('a deleted card: one fresh message that names the requester', async () => {
  const card = await running();
  stage.discord.world.messages.delete(card.id);
  await finish();
  const fresh = await stage.card('✅');
  expect(fresh.id).not.toBe(card.id);
  expect(fresh.mentions).toEqual([stage.ada.user.id]);
  expect(fresh.attachments).toHaveLength(1);
  expect(stage.discord.world.messagesIn(stage.channel.id)).toHaveLength(1);
});

test('an archived thread is opened again by a fresh message', async () => {
  await running(stage.thread);
  stage.thread.isArchived = true;
  await finish();
  const done = await stage.card('✅', stage.thread);
  expect(done.attachments).toHaveLength(1);
});

test('a locked thread: the result comes by DM', async () => {
  await running(stage.thread);
  Object.assign(stage.thread, { isArchived: true, isLocked: true });
  await finish();
  expect((await stage.card('✅', stage.discord.world.dmWith(stage.ada.user))).attachments).toHaveLength(1);
});

test('a permission lost meanwhile: the result comes by DM', async () => {
  await running();
  stage.channel.denied.add('ViewChannel');
  await finish();
  expect((await stage.card('✅', stage.discord.world.dmWith(stage.ada.user))).attachments).toHaveLength(1);
});

test('nowhere to post: it is kept, and Check brings it once there is a way', async () => {
  const card = await running();
  stage.channel.denied.add('ViewChannel');
  stage.ada.user.dmsOpen = false;
  await finish();
  await stage.discord.world.until(() => stage.log.some((line) => line.includes('"to":"unclear"')), 'a parked flow');
  stage.channel.denied.clear();
  await stage.ada.pressRaw(card, `flow:check:${/#(\w{8})/.exec(textOf(card))?.[1]}`);
  expect((await stage.card('✅')).attachments).toHaveLength(1);
  expect(stage.paid()).toBe(1);
});

test('long after the interaction’s token has died, the result still reaches the card', async () => {
  const card = await running();
  stage.discord.interactions.age(20 * 60_000);
  await finish();
  expect((await stage.card('✅')).id).toBe(card.id);
});

test('Discord failing for a while (429, 5xx, cut connections) delays the result and doubles nothing', async () => {
  const card = await running();
  stage.discord.api.faults.push(
    { match: /^PATCH \/channels/, answer: 429, times: 1 },
    { match: /^PATCH \/channels/, answer: 502, times: 2 },
    { match: /^PATCH \/channels/, answer: 502, takesEffect: true, times: 1 },
  );
  await finish();
  await stage.card('✅');
  expect(stage.discord.world.messagesIn(stage.channel.id)).toEqual([card]);
  expect(card.attachments).toHaveLength(1);
});

test('a fresh message whose answer got lost is not posted twice', async () => {
  const card = await running();
  stage.discord.world.messages.delete(card.id);
  stage.discord.api.faults.push({ match: /^POST \/channels\/\d+\/messages/, answer: 502, takesEffect: true, times: 2 });
  await finish();
  await stage.card('✅');
  expect(stage.discord.world.messagesIn(stage.channel.id)).toHaveLength(1);
});

test('the gateway drops and comes back: no press is lost, no command is registered again', async () => {
  await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.card('Confirm');
  const puts = () => stage.discord.api.requests.filter(({ method }) => method === 'PUT').length;
  expect(puts()).toBe(1);
  stage.discord.gateway.drop();
  await stage.ada.press(card, 'Confirm');
  await stage.card('✅');
  expect(stage.discord.gateway.resumed).toBe(1);
  expect(puts()).toBe(1);
});

test('the card was shown, but Discord’s answer to it got lost: the flow finds its card', async () => {
  await stage.startBot();
  stage.discord.api.faults.push({ match: /^POST \/interactions/, answer: 'cut', takesEffect: true, times: 1 });
  await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' });
  const card = await stage.card('Confirm');
  await stage.ada.press(card, 'Confirm');
  await stage.card('✅');
  expect(stage.discord.world.messagesIn(stage.channel.id)).toEqual([card]);
});

test('the card was never shown: the flow ends, and is not taken up again', async () => {
  const first = await stage.startBot();
  stage.discord.api.faults.push({ match: /^POST \/interactions/, answer: 'cut', times: 4 });
  const answered = stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' });
  await stage.discord.world.until(() => stage.log.some((line) => line.includes('"to":"expired"')), 'the end');
  stage.clock.advance(3100);
  expect(await answered).toEqual({ type: 'failed' });
  await first.stop();
  await stage.startBot();
  expect(stage.log.join('')).toContain('"resumed":0');
  expect(stage.discord.world.messagesIn(stage.channel.id)).toEqual([]);
});

test('more than one message holds: the rest in replies, and one that is too large sinks none of the others', async () => {
  await stage.startBot();
  stage.kubeez.platform.settings.padding = 9 * mebibyte;
  const first = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.card('Confirm ·');
  await stage.ada.press(first, 'Confirm');
  await stage.card('✅');
  const form = formOf(await stage.ada.press(first, 'Vary'));
  const card = messageOf(await stage.ada.submit(stage.channel, form, { variants: '4' }, first));
  await stage.card('Confirm · 28');
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => textOf(card).includes('✅'), 'the pictures');
  const replies = stage.discord.world.messagesIn(stage.channel.id).filter(({ replyTo }) => replyTo === card.id);
  const files = [card, ...replies].map(({ attachments }) => attachments.length);
  expect(files).toEqual([2, 2]);
  for (const { attachments } of [card, ...replies]) {
    expect(attachments.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(25 * mebibyte);
    expect(attachments[0]?.filename).toMatch(/^a-fox-\d-\w{8}\.png$/);
  }
  // Deleting the card takes its replies along.
  const more = messageOf(await stage.ada.press(card, '⋯'));
  const question = messageOf(await stage.ada.press(more, 'Delete'));
  await stage.ada.press(question, 'Delete');
  await stage.discord.world.until(
    () => [card, ...replies].every(({ id }) => !stage.discord.world.messages.has(id)),
    'the end of the card',
  );
});

test('a spoiler hides its files', async () => {
  await stage.startBot();
  const values = { prompt: 'a fox', model: 'nano-banana', spoiler: true };
  const card = messageOf(await stage.ada.command(stage.channel, 'image', values));
  await stage.card('Confirm ·');
  await stage.ada.press(card, 'Confirm');
  await stage.card('✅');
  expect(card.attachments[0]?.filename).toMatch(/^SPOILER_a-fox-\w{8}\.png$/);
});

test('what was made in an age-restricted channel stays there', async () => {
  stage.channel.isRestricted = true;
  const card = await running();
  stage.channel.denied.add('ViewChannel');
  await finish();
  await stage.discord.world.until(() => stage.log.some((line) => line.includes('"to":"unclear"')), 'a parked flow');
  expect(stage.ada.directMessages()).toEqual([]);
  stage.channel.denied.clear();
  await stage.ada.pressRaw(card, `flow:check:${/#(\w{8})/.exec(textOf(card))?.[1]}`);
  await stage.card('✅');
  const id = /#(\w{8})/.exec(textOf(card))?.[1] ?? '';
  const refused = messageOf(await stage.ada.command(stage.thread, 'show', { id }));
  expect(refused.content).toBe('That was made in an age-restricted channel, and can be shown only in one. (KD-136)');
});

test('a history that does not answer holds up no result: the card then shows what was confirmed', async () => {
  const card = await running();
  stage.kubeez.faults.push({ tool: /^get_generations$/, how: 'hang', times: Number.POSITIVE_INFINITY });
  await finish();
  await stage.card('✅ 7 credits confirmed');
  expect(card.attachments).toHaveLength(1);
});

test('large results that end together are brought one after the other, two at a time', async () => {
  stage.holdJobs();
  await stage.startBot();
  const channels = Array.from({ length: 5 }, (_, index) => stage.discord.world.addChannel(stage.guild, `c${index}`));
  for (const channel of channels) {
    const card = messageOf(await stage.ada.command(channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
    await stage.card('Confirm', channel);
    await stage.ada.press(card, 'Confirm');
    await stage.card(' s · ', channel);
  }
  let fetched = 0;
  const padding = () => {
    fetched++;
    return 9 * mebibyte;
  };
  Object.defineProperty(stage.kubeez.platform.settings, 'padding', { get: padding });
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  stage.discord.api.gate = (method) => (method === 'PATCH' ? opened : undefined);
  for (const { id } of stage.kubeez.platform.jobs.values()) stage.kubeez.platform.finish(id);
  const delivering = () => stage.log.filter((line) => line.includes('"to":"delivering"')).length;
  // Not by looks at Discord: nothing changes there while both files are on their way.
  await expect.poll(() => delivering() === channels.length && fetched >= 2).toBe(true);
  // Whoever asks for something meanwhile is answered.
  messageOf(await stage.ben.command(stage.channel, 'image', { prompt: 'a crane', model: 'nano-banana' }));
  expect(fetched).toBe(2);
  open();
  for (const channel of channels) expect((await stage.card('✅', channel)).attachments).toHaveLength(1);
});
