import { describe, expect, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import { tune } from '../../playground/props.ts';
import type { Event } from '../../src/flows/events.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { step } from '../../src/flows/step.ts';
import { times } from '../../src/flows/times.ts';
import { runWithJob, someFlow, someSession } from '../flows.ts';
import { generations, labels, messageOf, textOf, useStage } from '../stage.ts';

const minute = 60_000;

const poll = 5000;

describe.each(generations)('on the %s tools', (generation) => {
  const stage = useStage(generation);

  async function confirmed(command: string, values: Parameters<typeof stage.ada.command>[2]): Promise<Message> {
    const card = messageOf(await stage.ada.command(stage.channel, command, values));
    await stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm ·'), 'a price');
    await stage.ada.press(card, 'Confirm');
    return card;
  }

  test('one of two songs has no address: the other is there after some minutes, and Fresh link brings the late one', async () => {
    await stage.startBot();
    const { settings } = stage.kubeez.platform;
    settings.said = ({ songs, ...answer }) => ({
      ...answer,
      songs: Array.isArray(songs) ? [songs[0], { ...songs[1], audio_url: null }] : songs,
    });
    const card = await confirmed('music', { prompt: 'rain on a tin roof' });
    await stage.cardInTime('✅');
    expect(card.attachments.filter(({ filename }) => filename.endsWith('.mp3'))).toHaveLength(1);
    expect(textOf(card)).toContain('Not there yet: rain on a tin roof 2. Press **Fresh link** in a few minutes.');
    const early = messageOf(await stage.ada.press(card, 'Fresh link'));
    await stage.discord.world.until(
      () => early.content.includes('Not there yet: rain on a tin roof 2'),
      'what is missing',
    );
    settings.said = (answer) => answer;
    const answer = messageOf(await stage.ada.press(card, 'Fresh link'));
    await stage.discord.world.until(() => answer.content.match(/\/audio\//g)?.length === 2, 'both songs');
  });

  test('one of two songs is late by a minute: both arrive together', async () => {
    await stage.startBot();
    const { settings } = stage.kubeez.platform;
    let isLate = false;
    settings.said = ({ songs, ...answer }) => {
      if (answer.status === 'completed') isLate = true;
      return { ...answer, songs: Array.isArray(songs) ? [songs[0], { ...songs[1], audio_url: null }] : songs };
    };
    const card = await confirmed('music', { prompt: 'rain on a tin roof' });
    const later = setInterval(() => isLate || stage.clock.advance(10_000), 40);
    await stage.discord.world.until(() => isLate, 'the first song').finally(() => clearInterval(later));
    stage.clock.advance(minute);
    settings.said = (answer) => answer;
    await stage.card('✅');
    expect(card.attachments.filter(({ filename }) => filename.endsWith('.mp3'))).toHaveLength(2);
    expect(textOf(card)).not.toContain('Not there yet');
  });

  test('a separation with one of two addresses: what is there is given, and what is missing is named', async () => {
    await stage.startBot();
    stage.kubeez.platform.settings.said = (answer) => ({ ...answer, instrumental_url: null });
    const file = tune();
    const card = await confirmed('separate', { file });
    await stage.cardInTime('✅');
    expect(card.attachments.map(({ filename }) => filename)).toEqual([expect.stringContaining('vocals')]);
    expect(textOf(card)).toContain('Not there yet: instrumental.');
    expect(labels(card)).toContain('Fresh link');
  });

  test.each(['vendor_refused_it', 'GENERATE_AUDIO_FAILED', 'Timed out', 'nsfw'])(
    'a final status nobody knows (%s) beside an error text ends the job',
    async (status) => {
      await stage.startBot();
      stage.kubeez.platform.settings.said = (answer) => ({
        ...answer,
        status,
        outputs: [],
        error_message: 'No luck today.',
      });
      await confirmed('image', { prompt: 'a fox', model: 'nano-banana' });
      const card = await stage.cardInTime('❌');
      expect(textOf(card)).toContain('No luck today.');
    },
  );

  test('one bad answer while a job runs: nobody reads of it, and the next read comes after a poll', async () => {
    await stage.startBot();
    stage.kubeez.faults.push({ tool: /^get_(generation_)?status$/, how: 'nonsense', times: 1 });
    const card = await confirmed('image', { prompt: 'a fox', model: 'nano-banana' });
    const seen = new Set<string>();
    await stage.discord.world.until(() => seen.add(textOf(card)) && textOf(card).includes('✅'), 'the picture');
    expect([...seen].join('\n')).not.toContain('can’t be reached');
  });
});

test('tries to bring a result begin a second apart and end minutes apart', () => {
  let flow = someFlow({
    stage: 'delivering',
    money: { confirmed: { by: '1000', credits: 7, at: 0 } },
    wait: { giveUpAt: 1e9 },
  });
  const pauses: number[] = [];
  for (let now = 0, tries = 0; tries < 16; tries++) {
    flow = step(flow, { type: 'postFailed', again: true }, now, poll).flow;
    pauses.push((flow.wait.nextCheckAt ?? 0) - now);
    now = flow.wait.nextCheckAt ?? 0;
  }
  expect(Math.max(...pauses.slice(0, 4))).toBe(1000);
  // A host that is 3 s late: the file is there within 4 s.
  expect(pauses.slice(0, 3)).toEqual([1000, 1000, 1000]);
  expect([...pauses].sort((a, b) => a - b)).toEqual(pauses);
  expect(pauses.at(-1)).toBe(5 * minute);
});

test.each<[what: string, flow: Flow, failure: Event]>([
  ['status', runningFlow(), { type: 'checkFailed', reason: { code: 'outage' } }],
  [
    'upload',
    someFlow({
      stage: 'uploading',
      upload: { session: { ...someSession, sentBy: 'dm' } },
      wait: { giveUpAt: 1e9 },
    }),
    { type: 'uploadUnread', reason: { code: 'outage' } },
  ],
  ['price', someFlow(), { type: 'priceRefused', round: 0, reason: { code: 'outage' } }],
  ['sign-in', someFlow(), { type: 'priceRefused', round: 0, reason: { code: 'unauthorized' } }],
])('reads that fail (%s) are made again after a poll, then ever more rarely', (_, first, failure) => {
  let flow: Flow = first;
  const pauses: number[] = [];
  for (let now = 0, tries = 0; tries < 6; tries++) {
    flow = step(flow, failure, now, poll).flow;
    pauses.push((flow.wait.nextCheckAt ?? 0) - now);
    now = flow.wait.nextCheckAt ?? 0;
  }
  expect(pauses.slice(0, 3)).toEqual([poll, 2 * poll, 4 * poll]);
  expect(pauses.at(-1)).toBe(
    failure.type === 'priceRefused' && failure.reason.code === 'unauthorized' ? minute : 30_000,
  );
  expect(flow.shown.notice).not.toBeNull();
});

test('a read that works again begins the count anew', () => {
  const failure: Event = { type: 'checkFailed', reason: { code: 'outage' } };
  let { flow } = step(runningFlow(), failure, 0, poll);
  expect(flow.shown.notice).toBeNull();
  flow = step(flow, failure, 1000, poll).flow;
  expect(flow.shown.notice).toBe('outage');
  flow = step(flow, { type: 'checked', jobs: [] }, 2000, poll).flow;
  expect(flow).toMatchObject({ shown: { notice: null }, wait: { failedReads: 0 } });
});

test('a job that is over but for one file is given after some minutes, and not before', () => {
  const news = { id: 'job-1', status: 'running' as const, isPartial: true, missing: [2] };
  const event: Event = {
    type: 'checked',
    jobs: [{ ...news, outputs: [{ url: 'https://a.example/1.png' }], error: null, charged: null, seed: null }],
  };
  const { flow } = step(runningFlow(), event, 1000, poll);
  expect(flow.stage).toBe('running');
  expect(step(flow, event, 1000 + times.missingFile - 1, poll).flow.stage).toBe('running');
  const given = step(flow, event, 1000 + times.missingFile, poll).flow;
  expect(given).toMatchObject({ stage: 'delivering', runs: [{ job: { missing: [2], outputs: [{}] } }] });
});

function runningFlow(): Flow {
  return someFlow({
    stage: 'running',
    money: { confirmed: { by: '1000', credits: 7, at: 0 } },
    runs: [runWithJob('job-1')],
    wait: { submittedAt: 0, running: { since: 0, seconds: 10 }, nextCheckAt: 0, giveUpAt: 1e9 },
  });
}
