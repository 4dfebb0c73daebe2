import { expect, test } from 'vitest';
import { buttonsOf, type Person } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { retryAfter } from '../../playground/kubeez/faults.ts';
import { readBudget } from '../../src/kubeez/budget.ts';
import { messageOf, textOf, useStage, wide } from '../stage.ts';

const stage = useStage();

/** Somebody asks for a picture and confirms its price. */
async function confirmed(person: Person, prompt: string): Promise<Message> {
  const card = messageOf(await person.command(stage.channel, 'image', { prompt, model: 'z-image' }));
  await stage.discord.world.until(() => buttonsOf(card)[0]?.label.startsWith('Confirm ·'), 'a price');
  await person.press(card, 'Confirm');
  return card;
}

const says = (card: Message | undefined, text: string) =>
  stage.discord.world.until(() => card && textOf(card).includes(text), text);

test('one person’s many jobs do not starve another’s one', async () => {
  stage.holdJobs();
  await stage.startBot();
  for (let number = 1; number <= 10; number++) {
    await confirmed(stage.ada, `ada ${number}`);
    await stage.job(number);
  }
  const ada = [await confirmed(stage.ada, 'ada 11'), await confirmed(stage.ada, 'ada 12')];
  await says(ada[1], '2nd in line');
  const ben = await confirmed(stage.ben, 'ben 1');
  // Ben came last, and has nothing running: he is next.
  await says(ben, '1st in line');
  await says(ada[0], '2nd in line');
  const [first] = stage.kubeez.platform.jobs.values();
  stage.kubeez.platform.finish(first?.id ?? '');
  expect((await stage.job(11)).prompt).toBe('ben 1');
});

test('a refusal for being too busy is learned from: fewer at once for a while, then more again', async () => {
  stage.holdJobs();
  await stage.startBot();
  for (let number = 1; number <= 3; number++) {
    await confirmed(stage.ada, `fox ${number}`);
    await stage.job(number);
  }
  stage.kubeez.faults.push({ tool: /^generate_media$/, how: 429, times: 1 });
  const fourth = await confirmed(stage.ada, 'fox 4');
  await says(fourth, 'Kubeez is busy. I keep trying');
  const fifth = await confirmed(stage.ada, 'fox 5');
  await says(fifth, 'in line');
  expect(stage.paid()).toBe(3);
  // A minute later one more is tried, and it works.
  stage.clock.advance(61_000);
  await stage.job(4);
  stage.clock.advance(61_000);
  await stage.job(5);
  expect(stage.paid()).toBe(5);
});

test('“insufficient credits” in a burst is checked with the balance before it is said', async () => {
  await stage.startBot();
  stage.kubeez.gates.before = (tool) => {
    if (tool !== 'generate_media') return;
    // The platform believes for a moment that there is nothing left.
    const { credits } = stage.kubeez.platform;
    stage.kubeez.gates.before = () => {};
    stage.kubeez.platform.credits = 0;
    stage.kubeez.gates.after = () => {
      stage.kubeez.platform.credits = credits;
      stage.kubeez.gates.after = () => {};
    };
  };
  const card = await confirmed(stage.ada, 'a fox');
  await says(card, 'I keep trying');
  stage.clock.advance(16_000);
  await says(card, '✅');
  expect(stage.paid()).toBe(1);
});

test('a status in an unknown form is an outage to the card, not an end', async () => {
  stage.holdJobs();
  await stage.startBot();
  const { platform } = stage.kubeez;
  const card = await confirmed(stage.ada, 'a fox');
  const job = await stage.job();
  const { stateOf } = platform;
  platform.stateOf = () => Number.NaN as never;
  await says(card, 'Kubeez can’t be reached. I keep trying');
  platform.stateOf = stateOf;
  platform.finish(job.id);
  stage.clock.advance(31_000);
  await says(card, '✅');
});

test('ten jobs are followed with one look into the history instead of ten reads', async () => {
  stage.holdJobs();
  await stage.startBot({}, { all: wide, asking: wide, watching: { cap: 2, interval: 200 } });
  for (let number = 1; number <= 10; number++) await confirmed(stage.ada, `fox ${number}`);
  await stage.job(10);
  const tools: string[] = [];
  stage.kubeez.gates.before = (tool) => void tools.push(tool);
  stage.clock.advance(30_000);
  await stage.discord.world.until(() => tools.filter((tool) => tool === 'get_generations').length >= 5, 'some looks');
  // Each look tells of all ten.
  expect(tools.filter((tool) => tool === 'get_generation_status').length).toBeLessThan(10);
  for (const { id } of stage.kubeez.platform.jobs.values()) stage.kubeez.platform.finish(id);
  await stage.discord.world.until(
    () =>
      stage.discord.world.messagesIn(stage.channel.id).filter(({ attachments }) => attachments.length === 1).length ===
      10,
    'ten pictures',
  );
});

test('thirty pictures confirmed at the same moment: each is made once, with few reads', async () => {
  await stage.startBot({ KUBEEZ_POLL_SECONDS: '1' }, readBudget);
  const people = [stage.ada, stage.ben];
  const cards = Array.from({ length: 30 }, (_, index) => confirmed(people[index % 2] ?? stage.ada, `fox ${index}`));
  for (const card of await Promise.all(cards)) await says(card, '✅');
  const prompts = [...stage.kubeez.platform.jobs.values()].map(({ prompt }) => prompt);
  expect(new Set(prompts).size).toBe(30);
  expect(prompts).toHaveLength(30);
  // Each by itself would take four: two balances, how it stands, what it cost.
  expect(stage.kubeez.platform.reads.length).toBeLessThan(60);
  expect(stage.kubeez.platform.refusedStarts).toBe(0);
});

test('a price that cannot be read when its turn comes: who waited in line waits on, and starts by itself', async () => {
  stage.holdJobs();
  await stage.startBot({}, undefined, 0.02);
  for (let number = 1; number <= 10; number++) {
    await confirmed(stage.ada, `fox ${number}`);
    await stage.job(number);
  }
  const last = await confirmed(stage.ada, 'fox 11');
  await says(last, '1st in line');
  stage.clock.advance(4 * 60_000);
  const fault = { tool: /get_balance/, how: 503, times: Number.POSITIVE_INFINITY };
  stage.kubeez.faults.push(fault);
  const [first] = stage.kubeez.platform.jobs.values();
  stage.kubeez.platform.finish(first?.id ?? '');
  await says(last, 'Kubeez can’t be reached. I keep trying');
  fault.times = 0;
  stage.clock.advance(31_000);
  expect((await stage.job(11)).prompt).toBe('fox 11');
});

test.each([429, 'retryAfter', 'busyText', 'busyError'] as const)(
  'too many requests in whatever form (%s): the start is put off as long as is asked for, and is no failure',
  async (how) => {
    await stage.startBot();
    const asked: string[] = [];
    stage.kubeez.gates.before = (tool) => void asked.push(tool);
    stage.kubeez.faults.push({ tool: /^generate_media$/, how, times: 1 });
    const card = await confirmed(stage.ada, 'a fox');
    await says(card, 'Kubeez is busy. I keep trying');
    asked.length = 0;
    if (how === 'retryAfter') {
      stage.clock.advance(16_000);
      await stage.discord.world.until(
        () => stage.log.filter((line) => line.includes('submitRefused')).length === 2,
        'another try',
      );
      // Not even asked: it would only be refused again.
      expect(asked).toEqual([]);
      stage.clock.advance(retryAfter * 1000);
    }
    stage.clock.advance(16_000);
    await says(card, '✅');
    expect(stage.paid()).toBe(1);
  },
);
