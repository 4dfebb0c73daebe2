import { expect, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import type { Fault } from '../../playground/kubeez/faults.ts';
import type { Job } from '../../playground/kubeez/platform.ts';
import { labels, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
/** Time-outs of a second and less. */
const quick = 0.01;

/** Confirms a flow whose paid call meets a fault. */
async function confirmInto(how: Fault['how'], prompt = 'a fox in snow'): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'nano-banana' }));
  await stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm'), 'a price');
  stage.kubeez.faults.push({ tool: /^generate_media$/, how, times: 1 });
  await stage.ada.press(card, 'Confirm');
  return card;
}

/** The job was found: it is expected to take its usual ten seconds. */
async function foundAgain(card: Message): Promise<void> {
  await stage.discord.world.until(() => textOf(card).includes(' s · '), 'a found job');
  stage.clock.advance(11_000);
}

test('an answer that got lost: the job is found in the history, and delivered', async () => {
  await stage.startBot();
  const card = await confirmInto('lost');
  await foundAgain(card);
  await stage.card('✅');
  expect(card.attachments).toHaveLength(1);
  expect(stage.paid()).toBe(1);
});

test.each(['cut', 'html', 'hang', 'nonsense', 500] as const)(
  'a call that broke (%s) is not sent again: Check, or Start again at a new price',
  async (how) => {
    await stage.startBot({}, undefined, quick);
    const card = await confirmInto(how);
    await stage.cardInTime('its answer was lost');
    expect(stage.paid()).toBe(0);
    expect(labels(card)).toEqual(['Check', 'Start again · new price']);

    await stage.ada.press(card, 'Check');
    await stage.card('I checked just now: Kubeez has no such job.');
    expect(stage.paid()).toBe(0);

    await stage.ada.press(card, 'Start again');
    await stage.card('Confirm · 7 credits');
    expect(stage.paid()).toBe(0);
    await stage.ada.press(card, 'Confirm');
    await stage.card('✅');
    expect(stage.paid()).toBe(1);
  },
);

test('a job that turns up in the history later is found by Check', async () => {
  await stage.startBot();
  const { jobs } = stage.kubeez.platform;
  // As if the history lagged behind: the job is hidden until the flow has given up looking.
  let hidden: Job | undefined;
  stage.kubeez.gates.after = (tool) => {
    if (tool !== 'generate_media') return;
    hidden = [...jobs.values()].at(-1);
    jobs.clear();
  };
  const card = await confirmInto('lost');
  await stage.cardInTime('its answer was lost');
  if (hidden) jobs.set(hidden.id, hidden);
  await stage.ada.press(card, 'Check');
  await stage.card('✅');
  expect(stage.paid()).toBe(1);
});

test('two lost starts with the same words get a job each, and a finished one is not taken twice', async () => {
  await stage.startBot();
  const first = await confirmInto('lost', 'the same fox');
  await foundAgain(first);
  await stage.discord.world.until(() => textOf(first).includes('✅'), 'the first result');
  const second = await confirmInto('lost', 'the same fox');
  await foundAgain(second);
  await stage.discord.world.until(() => textOf(second).includes('✅'), 'the second result');
  expect(stage.paid()).toBe(2);
  const [one, two] = [first, second].map((card) => card.attachments[0]?.size);
  expect(one).not.toBe(two);
});

test('a time-out of the paid call counts as a lost answer', async () => {
  await stage.startBot();
  let letGo = () => {};
  stage.kubeez.gates.after = (tool) =>
    tool === 'generate_media' ? new Promise<void>((resolve) => (letGo = resolve)) : undefined;
  const card = messageOf(
    await stage.ada.command(stage.channel, 'image', { prompt: 'a slow fox', model: 'nano-banana' }),
  );
  await stage.card('Confirm');
  await stage.ada.press(card, 'Confirm');
  await stage.job();
  // The watch over the start runs out before the answer comes; while it is on its way, no twin may be taken for it.
  stage.clock.advance(91_000);
  await stage.card('The answer from Kubeez was lost. Looking for the job…');
  letGo();
  await stage.card('✅');
  expect(stage.paid()).toBe(1);
});

test('a history with an odd row is read for all the others', async () => {
  await stage.startBot();
  const card = await confirmInto('lost');
  const { jobs } = stage.kubeez.platform;
  await stage.job();
  const [job] = jobs.values();
  if (job) jobs.set('odd', { ...job, id: '', createdAt: job.createdAt + 1 });
  await foundAgain(card);
  await stage.card('✅');
});
