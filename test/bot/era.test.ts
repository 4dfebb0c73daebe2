import { expect, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import type { Fault } from '../../playground/kubeez/faults.ts';
import { retryAfter } from '../../playground/kubeez/faults.ts';
import type { Settings } from '../../playground/kubeez/platform.ts';
import { labels, messageOf, textOf, useStage } from '../stage.ts';
import { toolIsTakenAway } from '../takenAway.ts';

const stage = useStage();
/** Time-outs of a second and less. */
const quick = 0.01;

/** From now on the server speaks this form of MCP; sessions that it had are gone. */
function speaks(era: Settings['era']): void {
  stage.kubeez.platform.settings.era = era;
  stage.kubeez.forgetSessions();
}

async function quoted(prompt = 'a fox'): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'nano-banana' }));
  await stage.inTime(stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm ·'), 'a price'));
  return card;
}

const finished = (card: Message) =>
  stage.inTime(stage.discord.world.until(() => textOf(card).includes('✅'), 'a result'));

test.each([false, true])('a whole flow without sessions (answers as streams: %s)', async (streams) => {
  stage.kubeez.platform.settings.streams = streams;
  speaks('stateless');
  await stage.startBot();
  const card = await quoted();
  await stage.ada.press(card, 'Confirm');
  await finished(card);
  expect(card.attachments).toHaveLength(1);
  expect(stage.paid()).toBe(1);
  expect(stage.kubeez.sessions()).toBe(0);
  // Every call names the flow it is of.
  const traces = stage.kubeez.calls.calls.map(({ traceparent }) => traceparent);
  expect(traces.every((trace) => /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/.test(trace))).toBe(true);
});

test('a server that speaks either: sessions stay', async () => {
  speaks('both');
  await stage.startBot();
  const card = await quoted();
  await stage.ada.press(card, 'Confirm');
  await finished(card);
  expect(stage.kubeez.sessions()).toBeGreaterThan(0);
});

test('a server that changes while the bot runs, there and back: jobs are delivered, prices come, nothing is paid twice', async () => {
  await stage.startBot();
  for (const era of ['stateless', 'both', 'sessions', 'stateless'] as const) {
    stage.holdJobs();
    const paid = stage.paid();
    const card = await quoted(`a fox, then ${era}`);
    await stage.ada.press(card, 'Confirm');
    const job = await stage.job(paid + 1);
    speaks(era);
    stage.kubeez.platform.finish(job.id);
    await finished(card);
    expect(stage.paid()).toBe(paid + 1);
  }
});

test.each([
  ['sessions', 'stateless'],
  ['stateless', 'sessions'],
] as const)(
  'a server that changes between the price and the start (%s, then %s): started once',
  async (before, after) => {
    speaks(before);
    await stage.startBot();
    const card = await quoted();
    stage.kubeez.gates.after = (tool) => {
      if (tool === 'get_balance') speaks(after);
    };
    await stage.ada.press(card, 'Confirm');
    await finished(card);
    expect(stage.paid()).toBe(1);
  },
);

/** Confirms a flow whose paid call meets a fault, on a server without sessions. */
async function confirmInto(fault: Pick<Fault, 'how' | 'text'>): Promise<Message> {
  speaks('stateless');
  await stage.startBot({}, undefined, quick);
  const card = await quoted();
  stage.kubeez.faults.push({ tool: /^generate_media$/, times: 1, ...fault });
  await stage.ada.press(card, 'Confirm');
  return card;
}

const starts = () => stage.kubeez.calls.calls.filter(({ tool }) => tool === 'generate_media').length;

test.each(['cut', 'html', 'hang', 'half', 500, 400, 404] as const)(
  'without sessions, a start that broke (%s) is not sent again',
  async (how) => {
    const card = await confirmInto({ how });
    await stage.cardInTime('its answer was lost');
    expect(labels(card)).toEqual(['Check', 'Start again · new price']);
    expect(stage.paid()).toBe(0);
    expect(starts()).toBe(1);
  },
);

test('without sessions, a start whose answer got lost is found in the history', async () => {
  const card = await confirmInto({ how: 'lost' });
  await finished(card);
  expect(stage.paid()).toBe(1);
  expect(starts()).toBe(1);
});

test('without sessions, streams that break before their answers: the start is not sent again, and its job is found', async () => {
  stage.kubeez.platform.settings.streams = true;
  speaks('stateless');
  await stage.startBot({}, undefined, quick);
  const card = await quoted();
  stage.kubeez.gates.before = (tool) => {
    stage.kubeez.platform.settings.breaksStreams = tool === 'generate_media';
  };
  await stage.ada.press(card, 'Confirm');
  await finished(card);
  expect(stage.kubeez.streams.broken).toBe(1);
  expect(stage.paid()).toBe(1);
  expect(starts()).toBe(1);
});

test.each(['retryAfter', 'busyError'] as const)(
  'without sessions, a server that has too much to do (%s) has the start made afterwards, once',
  async (how) => {
    const card = await confirmInto({ how });
    stage.clock.advance(retryAfter * 1000);
    await finished(card);
    expect(stage.paid()).toBe(1);
    expect(starts()).toBe(2);
  },
);

test('without sessions, an outage: the job is delivered once the server is back', async () => {
  speaks('stateless');
  await stage.startBot();
  stage.holdJobs();
  const card = await quoted();
  await stage.ada.press(card, 'Confirm');
  const job = await stage.job();
  stage.kubeez.outage.on = true;
  await stage.inTime(stage.discord.world.until(() => stage.kubeez.outage.refused >= 3, 'reads that are refused'));
  stage.kubeez.outage.on = false;
  stage.kubeez.platform.finish(job.id);
  await finished(card);
  expect(stage.paid()).toBe(1);
});

test('without sessions, a tool that is taken away while the bot runs: its command goes, a flow that needs it is told', async () => {
  stage.kubeez.platform.settings.generation = 'mixed';
  speaks('stateless');
  await stage.startBot();
  await toolIsTakenAway(stage);
});
