import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { hasSessions, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

/** Starts a flow and confirms its price. */
async function confirmed(prompt = 'a fox in snow', model = 'nano-banana', command = 'image'): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, command, { prompt, model }));
  await stage.card('Confirm');
  await stage.ada.press(card, 'Confirm');
  return card;
}

test('moderation: refused at the start, nothing spent', async () => {
  await stage.startBot();
  const card = await confirmed('something explicit');
  await stage.card('Kubeez’s content check refused this. Change the words and try again. Nothing was spent.');
  expect(stage.paid()).toBe(0);
  expect(stage.kubeez.platform.credits).toBe(1000);
  expect(buttonsOf(card).map(({ label }) => label)).toEqual(['Edit prompt', 'Again']);
});

test('settings the platform refuses', async () => {
  await stage.startBot();
  const card = messageOf(
    await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana', aspect: '21:9' }),
  );
  await stage.card('Confirm');
  stage.kubeez.platform.row('nano-banana').capabilities.aspect_ratio_options = ['1:1'];
  await stage.ada.press(card, 'Confirm');
  await stage.card('Kubeez refused these settings. Change them, or pick another model. Nothing was spent.');
  expect(textOf(card)).toContain('aspect\\_ratio 21:9 is not allowed');
});

test('a server that forgot the session, or restarted, is connected to again', async () => {
  await stage.startBot();
  stage.kubeez.forgetSessions();
  await confirmed();
  stage.kubeez.forgetSessions();
  await stage.card('✅');
  expect(stage.paid()).toBe(1);
});

// Without sessions a 404 proves nothing: it may come from anywhere on the way.
test.runIf(hasSessions)(
  'a forgotten session at the paid call itself: it was not accepted, so it is sent again, once',
  async () => {
    await stage.startBot();
    const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
    await stage.card('Confirm');
    stage.kubeez.faults.push({ tool: /^generate_media$/, how: 404, times: 1 });
    await stage.ada.press(card, 'Confirm');
    await stage.card('✅');
    expect(stage.paid()).toBe(1);
  },
);

test('a token that is refused is said and waited for; nothing is spent', async () => {
  await stage.startBot();
  stage.kubeez.faults.push({ tool: /get_balance/, how: 401, times: Number.POSITIVE_INFINITY });
  await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' });
  await stage.card('Kubeez rejected the sign-in of the account that pays here. This goes on by itself');
  expect(stage.paid()).toBe(0);
});

test('more than ten at once wait in line, in the order of their confirmation', async () => {
  stage.holdJobs();
  await stage.startBot();
  const cards: Message[] = [];
  for (let number = 1; number <= 12; number++) {
    const card = messageOf(
      await stage.ada.command(stage.channel, 'image', { prompt: `fox ${number}`, model: 'z-image' }),
    );
    cards.push(card);
    await stage.discord.world.until(() => buttonsOf(card)[0]?.label.startsWith('Confirm'), 'a price');
    await stage.ada.press(card, 'Confirm');
    if (number <= 10) await stage.job(number);
  }
  const [eleventh, twelfth] = cards.slice(10);
  await stage.discord.world.until(() => eleventh && textOf(eleventh).includes('1st in line'), 'the first in line');
  await stage.discord.world.until(() => twelfth && textOf(twelfth).includes('2nd in line'), 'the second in line');
  expect(stage.paid()).toBe(10);
  const [first] = stage.kubeez.platform.jobs.values();
  stage.kubeez.platform.finish(first?.id ?? '');
  expect((await stage.job(11)).prompt).toBe('fox 11');
  // Leaving the line is free.
  if (twelfth) await stage.ada.press(twelfth, 'Cancel');
  await stage.discord.world.until(
    () => twelfth && textOf(twelfth).includes('Nothing was spent'),
    'the end of the second',
  );
});

test('a platform that is too busy: the flow starts by itself later, and is not a failure', async () => {
  await stage.startBot();
  stage.kubeez.faults.push({ tool: /^generate_media$/, how: 429, times: 1 });
  await confirmed();
  await stage.card('Kubeez is busy. I keep trying');
  expect(stage.paid()).toBe(0);
  stage.clock.advance(16_000);
  await stage.card('✅');
  expect(stage.paid()).toBe(1);
});

test('a request of which one record cannot be written is not kept at all, as people are told', async () => {
  await stage.startBot({}, undefined, 0.01);
  stage.query(
    "CREATE TRIGGER full BEFORE INSERT ON records WHEN NEW.key LIKE '%:flow:%' BEGIN SELECT RAISE(ABORT, 'full'); END",
  );
  const { ada, channel } = stage;
  const card = messageOf(await ada.command(channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.says(card, 'I cannot keep anything right now');
  expect(stage.openFlows()).toEqual([]);
  expect(stage.rows().filter(({ key }) => key.includes(':flow:'))).toEqual([]);
});
