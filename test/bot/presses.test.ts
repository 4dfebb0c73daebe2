import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import { easyRates } from '../../playground/discord/rates.ts';
import type { Message } from '../../playground/discord/world.ts';
import { ChannelLines } from '../../src/engine/channelLines.ts';
import { finishAll, idIn, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

/** A card that shows its price. */
async function quoted(prompt = 'a fox in snow'): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'nano-banana' }));
  await stage.discord.world.until(() => textOf(card).includes('[Confirm ·'), 'a price');
  return card;
}

/** A card whose job runs until the test ends it. */
async function running(): Promise<Message> {
  stage.holdJobs();
  stage.kubeez.platform.settings.speed = 0.25;
  const card = await quoted();
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => textOf(card).includes('ready <t:'), 'a running card');
  return card;
}

/** Ends the job of a running card, and lets the time pass in which it was expected to run. */
async function finished(): Promise<void> {
  await finishAll(stage);
  stage.clock.advance(45_000);
}

/** Holds back requests of the bot that fit, until they are let go. */
function hold(match: RegExp) {
  const held: string[] = [];
  let letGo = () => {};
  const open = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  stage.discord.api.gate = (method, path) => {
    if (!match.test(`${method} ${path}`)) return undefined;
    held.push(`${method} ${path}`);
    stage.discord.world.changed();
    return open;
  };
  return {
    held,
    /** Resolves as soon as something is held back. */
    something: () => stage.discord.world.until(() => held.length > 0, 'a request to hold back'),
    letGo() {
      stage.discord.api.gate = undefined;
      letGo();
    },
  };
}

const edits = () =>
  stage.discord.api.requests.filter(({ method, path }) => method === 'PATCH' && !/commands/.test(path));

test('a press is answered with the changed card, although no edit in the channel gets through', async () => {
  await stage.startBot();
  const card = await quoted();
  const gate = hold(/^PATCH/);
  expect((await stage.ada.press(card, 'Confirm')).type).toBe('updated');
  expect(textOf(card)).toContain('Checking that the price still holds…');
  gate.letGo();
  await stage.card('✅');
  expect(stage.paid()).toBe(1);
});

test('what follows a press within moments waits in no channel’s line either: price, start, progress begin', async () => {
  stage.holdJobs();
  await stage.startBot();
  hold(/^PATCH \/channels/);
  const card = await quoted();
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => textOf(card).includes(' s · '), 'a running card');
});

test('a press asks Kubeez nothing before it is answered, not even where no model is known yet', async () => {
  const first = await stage.startBot();
  const card = await quoted();
  await first.stop();
  await stage.spoilRecord('catalogue:default');
  stage.kubeez.outage.on = true;
  await stage.startBot();
  stage.kubeez.outage.on = false;
  const before = stage.kubeez.platform.reads.length;
  await stage.ada.press(card, 'Cancel');
  expect(textOf(card)).toContain('Cancelled. Nothing was spent.');
  expect(stage.kubeez.platform.reads).toHaveLength(before);
});

test('a store that is slow: the press is acknowledged in time, and the card follows', async () => {
  await stage.startBot();
  const card = await quoted();
  stage.query("CREATE TRIGGER away BEFORE INSERT ON records BEGIN SELECT RAISE(ABORT, 'away'); END");
  const pressing = stage.ada.press(card, 'Cancel');
  await stage.discord.world.until(() => stage.log.some((line) => line.includes('"action":"cancel"')), 'the press');
  stage.clock.advance(1600);
  expect((await pressing).type).toBe('updated');
  expect(textOf(card)).toContain('[Confirm ·');
  stage.query('DROP TRIGGER away');
  await stage.card('Cancelled. Nothing was spent.');
});

test('an older edit that lands after the answer to a press does not stay', async () => {
  await stage.startBot();
  const gate = hold(/^PATCH/);
  const card = messageOf(
    await stage.ada.command(stage.channel, 'image', { prompt: 'a fox in snow', model: 'nano-banana' }),
  );
  await gate.something();
  await stage.ada.press(card, 'Cancel');
  expect(textOf(card)).toContain('Cancelled. Nothing was spent.');
  const { edits } = card;
  gate.letGo();
  // The price that was held back lands, and the end is drawn over it.
  await stage.discord.world.until(() => card.edits >= edits + 2, 'a redraw');
  expect(textOf(card)).toContain('Cancelled. Nothing was spent.');
  expect(buttonsOf(card).map(({ label }) => label)).not.toContain('Cancel');
});

test('five presses at once leave the card as it is in the end', async () => {
  await stage.startBot();
  const card = await quoted();
  const id = `flow:cancel:${idIn(card)}`;
  const gate = hold(/callback$/);
  const outcomes = Array.from({ length: 5 }, () => stage.ada.pressRaw(card, id));
  await stage.discord.world.until(() => gate.held.length === 5, 'five answers');
  gate.letGo();
  expect((await Promise.all(outcomes)).every(({ type }) => type === 'updated')).toBe(true);
  await stage.card('Cancelled. Nothing was spent.');
});

test('nothing is written of a command while others wait for their answer', async () => {
  await stage.startBot();
  const answers = hold(/callback$/);
  const outcomes = [];
  while (outcomes.length < 15) {
    outcomes.push(stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
    await stage.discord.world.until(() => answers.held.length === outcomes.length, 'one more answer');
  }
  const flows = () => stage.rows().filter(({ key }) => key.includes(':flow:'));
  expect(flows()).toEqual([]);
  answers.letGo();
  for (const outcome of outcomes) await stage.says(messageOf(await outcome), 'Confirm ·');
  expect(flows()).toHaveLength(15);
});

test('a card whose answer is late is kept all the same, and goes on', async () => {
  await stage.startBot();
  const answer = hold(/callback$/);
  const outcome = stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' });
  await expect.poll(() => stage.rows().filter(({ key }) => key.includes(':flow:'))).toHaveLength(1);
  answer.letGo();
  await stage.says(messageOf(await outcome), 'Confirm ·');
});

test.each([
  ['progress by the bot’s own token', /^PATCH \/channels/],
  ['an edit through the interaction', /^PATCH \/webhooks/],
])('the result comes after %s that is still under way, and nothing comes after it', async (_, match) => {
  await stage.startBot();
  const isProgress = String(match).includes('channels');
  const card = isProgress ? await running() : await quoted();
  const gate = hold(match);
  if (isProgress) stage.clock.advance(6000);
  else await stage.ada.press(card, 'Confirm');
  await gate.something();
  await finished();
  await stage.discord.world.until(() => stage.log.some((line) => line.includes('"to":"delivering"')), 'the end');
  expect(gate.held).toHaveLength(1);
  expect(card.attachments).toEqual([]);
  gate.letGo();
  await stage.discord.world.until(() => card.attachments.length === 1, 'the result');
  const { edits } = card;
  stage.clock.advance(120_000);
  // Something else that is drawn, so that there was time for it.
  await quoted('another fox');
  expect(textOf(card)).toContain('✅');
  expect(card.edits).toBe(edits);
});

test.each([429, 502])(
  'progress that Discord refuses with %i and the library tries again never covers the result',
  async (status) => {
    await stage.startBot();
    const card = await running();
    const fault = { match: /^PATCH \/channels/, answer: status, times: 1 };
    stage.discord.api.faults.push(fault);
    stage.clock.advance(6000);
    await expect.poll(() => fault.times, { timeout: 15_000 }).toBe(0);
    await finished();
    await stage.card('✅');
    const { edits: before } = card;
    await quoted('another fox');
    expect(textOf(card)).toContain('✅');
    expect(card.edits).toBe(before);
  },
);

test('progress leaves most of a channel’s edits to people, and each card moves in its turn', async () => {
  let now = 0;
  const lines = new ChannelLines(() => now);
  const progress = () => lines.hasRoom('busy') && lines.note('busy') === undefined;
  expect([progress(), progress(), progress()]).toEqual([true, true, false]);
  expect(lines.hasRoom('another')).toBe(true);
  now += 5001;
  expect(progress()).toBe(true);

  await stage.startBot();
  const cards = [await running(), await running(), await running(), await running()];
  const shown = cards.map((card) => textOf(card));
  await stage.inTime(
    stage.discord.world.until(() => cards.every((card, index) => textOf(card) !== shown[index]), 'four that moved'),
    1000,
    100,
  );
});

test('a start draws only the cards that changed', async () => {
  const first = await stage.startBot();
  const cards = [await quoted('one'), await quoted('two'), await quoted('three')];
  await first.stop();
  const [changed] = cards;
  if (changed) await stage.changeFlow(idIn(changed), { shown: { notice: 'moved' } });
  const before = edits().length;
  await stage.startBot();
  await stage.discord.world.until(() => changed && textOf(changed).includes('The price changed'), 'the changed one');
  await stage.ada.press(cards[1] ?? stage.discord.world.message('', ''), 'Cancel');
  expect(edits()).toHaveLength(before + 1);
});

test('a card that could not be drawn before the end of the process is drawn at the next start', async () => {
  const first = await stage.startBot();
  hold(/^PATCH/);
  const card = messageOf(
    await stage.ada.command(stage.channel, 'image', { prompt: 'a fox in snow', model: 'nano-banana' }),
  );
  await stage.discord.world.until(() => stage.log.some((line) => line.includes('"to":"quoted"')), 'a price');
  await first.stop(500);
  stage.discord.api.gate = undefined;
  await stage.startBot();
  await stage.discord.world.until(() => textOf(card).includes('[Confirm ·'), 'a price');
});

test('a burst of rate limits is one line in the log', async () => {
  stage.discord.api.rates = { ...easyRates, webhook: { limit: 1, window: 300 } };
  await stage.startBot();
  const cards = [await quoted('one'), await quoted('two'), await quoted('three')];
  for (const card of cards) await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => cards.every((card) => textOf(card).includes('✅')), 'three results');
  expect(stage.log.filter((line) => line.includes('rate limited by Discord'))).toHaveLength(1);
});

test('a card that moved: what stands on the message it left no longer confirms anything', async () => {
  await stage.startBot();
  const card = await quoted();
  const confirm = `flow:confirm:${idIn(card)}`;
  const moved = messageOf(await stage.ada.command(stage.thread, 'show', { id: idIn(card) }));
  await stage.discord.world.until(() => textOf(card).includes('is here: https://discord.com/channels/'), 'a link');
  expect(buttonsOf(card)).toEqual([]);
  const answer = messageOf(await stage.ada.pressRaw(card, confirm));
  expect(answer.content).toContain(`/${stage.thread.id}/${moved.id}`);
  await stage.ada.press(moved, 'Confirm');
  await stage.card('✅', stage.thread);
  expect(stage.paid()).toBe(1);
});

test('/show by somebody else leaves an open card where it is, and tells privately where that is', async () => {
  await stage.startBot();
  const card = await quoted();
  const answer = messageOf(await stage.ben.command(stage.thread, 'show', { id: idIn(card) }));
  expect(answer.ephemeralFor).toBe(stage.ben.user.id);
  expect(answer.content).toContain(`https://discord.com/channels/${stage.guild.id}/${stage.channel.id}/${card.id}`);
  await stage.ada.press(card, 'Confirm');
  await stage.card('✅');
  expect(stage.discord.world.messagesIn(stage.thread.id, stage.ada.user.id)).toEqual([]);
});

test('/show while the result is on its way moves nothing and leaves no second card', async () => {
  await stage.startBot();
  const card = await running();
  const gate = hold(/^PATCH \/channels/);
  await finished();
  await stage.discord.world.until(() => stage.log.some((line) => line.includes('"to":"delivering"')), 'the end');
  const answer = messageOf(await stage.ada.command(stage.thread, 'show', { id: idIn(card) }));
  expect(answer.ephemeralFor).toBe(stage.ada.user.id);
  expect(answer.content).toContain(`/${stage.channel.id}/${card.id}`);
  gate.letGo();
  await stage.card('✅');
  expect(card.attachments).toHaveLength(1);
});

test('/show that comes at the very moment of the end: the second message says where the card is', async () => {
  await stage.startBot();
  stage.holdJobs();
  const card = await quoted();
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => textOf(card).includes(' s · '), 'a running card');
  const gate = hold(/callback$/);
  const showing = stage.ada.command(stage.thread, 'show', { id: idIn(card) });
  await gate.something();
  await finishAll(stage);
  await stage.card('✅');
  gate.letGo();
  const second = messageOf(await showing);
  await stage.discord.world.until(() => textOf(second).includes(`/${stage.channel.id}/${card.id}`), 'a link');
  expect(buttonsOf(second)).toEqual([]);
});

test('a start after fifteen minutes in line: the card’s edits wait for their turn in the channel, not for themselves', async () => {
  await stage.startBot();
  stage.holdJobs();
  const busy = { tool: /^generate_media$/, how: 429 as const, times: 1 };
  stage.kubeez.faults.push(busy);
  const card = await quoted('a fox');
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => stage.log.some((line) => line.includes('submitRefused')), 'a refusal');
  // Interactions can be answered for fifteen minutes: from here on there is only the way by bot token.
  const gate = hold(/^PATCH \/channels/);
  stage.clock.advance(16 * 60_000);
  await gate.something();
  // Meanwhile it goes on, and there is more to be drawn.
  const job = await stage.job();
  await expect.poll(() => stage.readRecord(`flow:${idIn(card)}`), { timeout: 10_000 }).toContain('"stage":"running"');
  gate.letGo();
  await stage.says(card, ' s · ');
  stage.kubeez.platform.finish(job.id);
  await stage.inTime(stage.says(card, '✅'), 5000);
});
