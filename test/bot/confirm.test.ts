import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

/** A flow that waits for Confirm. */
async function quoted(model = 'nano-banana', command = 'image'): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, command, { prompt: 'a fox in snow', model }));
  await stage.card('Confirm');
  return card;
}

test('only the requester may press; others are told privately', async () => {
  await stage.startBot();
  const card = await quoted();
  for (const label of ['Confirm', 'Cancel']) {
    const answer = messageOf(await stage.ben.press(card, label));
    expect(answer.ephemeralFor).toBe(stage.ben.user.id);
    expect(answer.content).toContain(`Only <@${stage.ada.user.id}>`);
  }
  expect(textOf(card)).toContain('Confirm');
  expect(stage.paid()).toBe(0);
});

test('twenty presses at once start one job', async () => {
  await stage.startBot();
  const card = await quoted();
  const id = buttonsOf(card)[0]?.custom_id ?? '';
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => stage.ada.pressRaw(card, id)));
  expect(outcomes.every((outcome) => outcome.type === 'updated')).toBe(true);
  await stage.card('✅');
  expect(stage.paid()).toBe(1);
});

test('a price that moved is shown again instead of spent: flat rate', async () => {
  await stage.startBot();
  const card = await quoted();
  const row = stage.kubeez.platform.row('nano-banana');
  row.cost_per_generation = 9;
  await stage.ada.press(card, 'Confirm');
  await stage.card('The price changed');
  expect(textOf(card)).toContain('Confirm · 9 credits');
  expect(stage.paid()).toBe(0);
  // Cheaper is another price, too.
  row.cost_per_generation = 5;
  await stage.ada.press(card, 'Confirm');
  await stage.card('Confirm · 5 credits');
  await stage.ada.press(card, 'Confirm');
  await stage.card('✅ 5 credits');
  expect(stage.paid()).toBe(1);
});

test('a price that moved is shown again instead of spent: estimate', async () => {
  await stage.startBot();
  const card = await quoted('kling-2-6-text-to-video-5s', 'video');
  stage.kubeez.platform.row('kling-2-6-text-to-video-5s').cost_per_generation = 120;
  await stage.ada.press(card, 'Confirm');
  await stage.card('Confirm · 120 credits');
  expect(stage.paid()).toBe(0);
});

test('a quote past its ten minutes is quoted again', async () => {
  await stage.startBot();
  const card = await quoted();
  stage.clock.advance(11 * 60_000);
  await stage.ada.press(card, 'Confirm');
  await stage.card('That price expired. Here is the new one');
  await stage.card('Confirm');
  expect(stage.paid()).toBe(0);
  await stage.ada.press(card, 'Confirm');
  await stage.card('✅');
  expect(stage.paid()).toBe(1);
});

test('a quote nobody confirms closes', async () => {
  await stage.startBot();
  const card = await quoted();
  stage.clock.advance(61 * 60_000);
  await stage.card('This expired before anyone confirmed it');
  expect(buttonsOf(card).map(({ label }) => label)).toEqual(['Edit prompt', 'Again']);
});

test('too few credits: no Confirm, and where to get more', async () => {
  stage.kubeez.platform.credits = 3;
  await stage.startBot();
  await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' });
  const card = await stage.card('This costs 7 credits, but 3 are left. Nothing was spent.');
  expect(textOf(card)).toContain(`${stage.kubeez.platform.origin}/top-up`);
  expect(buttonsOf(card).map(({ label }) => label)).toEqual(['Cheaper models', 'Edit prompt', 'Again']);
});

test('credits that went elsewhere after the quote: nothing is started', async () => {
  await stage.startBot();
  const card = await quoted();
  stage.kubeez.platform.credits = 1;
  await stage.ada.press(card, 'Confirm');
  await stage.card('Nothing was spent. Top up:');
  expect(stage.paid()).toBe(0);
});

test('a model that is gone by the time of Confirm', async () => {
  await stage.startBot();
  const card = await quoted();
  stage.kubeez.platform.rows = stage.kubeez.platform.rows.filter((row) => row.model_id !== 'nano-banana');
  await stage.ada.press(card, 'Confirm');
  await stage.card('Kubeez no longer offers Nano Banana. Start again with another model. Nothing was spent.');
});

test('an estimate without a total is refused, never guessed', async () => {
  await stage.startBot();
  stage.kubeez.platform.price = () => Number.NaN;
  await stage.ada.command(stage.channel, 'video', { prompt: 'a fox', model: 'kling-3-0-pro' });
  await stage.card('Kubeez gave no price that I can read');
});

test('an outage right after Confirm: nothing is started, and the price is there to be confirmed again', async () => {
  await stage.startBot({}, undefined, 0.02);
  const card = await quoted();
  stage.kubeez.outage.on = true;
  await stage.ada.press(card, 'Confirm');
  await stage.card('I could not check the price with Kubeez, so nothing was started.');
  stage.kubeez.outage.on = false;
  await stage.ada.press(card, 'Confirm');
  await stage.card('✅');
  expect(stage.paid()).toBe(1);
});

test('buttons of a card that is no longer kept, or that never were ours, get an answer', async () => {
  await stage.startBot();
  const card = await quoted();
  for (const [id, sentence] of [
    ['flow:confirm:zzzzzzzz', 'This card is too old'],
    ['something else', 'I no longer know what this belongs to'],
    ['flow:dance:zzzzzzzz', 'I no longer know what this belongs to'],
  ] as const) {
    const answer = messageOf(await stage.ada.pressRaw(card, id));
    expect(answer).toMatchObject({ ephemeralFor: stage.ada.user.id, content: expect.stringContaining(sentence) });
  }
});

test('a press on a price that moved while it was on its way agrees to nothing', async () => {
  await stage.startBot();
  const card = await quoted();
  // What Ada's app shows, a moment longer than it is true.
  const seen = structuredClone(card);
  const confirm = buttonsOf(seen)[0]?.custom_id ?? '';
  stage.kubeez.platform.row('nano-banana').cost_per_generation = 9;
  await stage.ada.press(card, 'Confirm');
  await stage.card('Confirm · 9 credits');
  await stage.ada.pressRaw(seen, confirm);
  await stage.says(card, 'Confirm · 9 credits');
  expect(stage.paid()).toBe(0);
  await stage.ada.press(card, 'Confirm');
  await stage.card('✅ 9 credits');
  expect(stage.paid()).toBe(1);
});
