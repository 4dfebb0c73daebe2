import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RecordLog } from '../../playground/panel/recordLog.ts';
import { changeText, flowIn, shownKey } from '../../playground/panel/recordText.ts';
import { atStep } from '../../playground/web/panel/story.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { SqliteStore } from '../../src/state/sqlite.ts';
import { runWithJob, someFlow, someSession } from '../flows.ts';

const kept = (value: object) => JSON.stringify({ value, expires: null });
const change = (before: Flow | null, after: Flow) => ({
  at: 0,
  key: `kubeez:flow:${after.id}`,
  before: before && kept(before),
  after: kept(after),
});

test('every change of a record is noted in the transaction that writes it, and nothing that stays as it was', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'kubeez-panel-')), 'data', 'bot.db');
  const log = await RecordLog.open(file);
  const store = new SqliteStore(file);
  expect(store.isCutOff).toBe(false);
  await Promise.all([store.set('a', '1'), store.set('a', '2'), store.set('b', '1')]);
  await store.set('b', '1');
  await store.delete('a');
  const told = log.read().map(({ key, before, after }) => [key, before, after]);
  expect(told).toEqual([
    ['a', null, '1'],
    ['a', '1', '2'],
    ['b', null, '1'],
    ['a', '2', null],
  ]);
  expect(log.read()).toEqual([]);
  await store.set('c', '1');
  expect(log.read()[0]?.at).toBeGreaterThan(Date.now() - 60_000);
  await store.disconnect();
  log.close();
});

test('what is said of a change of a flow names its stage, its money and its runs', () => {
  const before = someFlow({ stage: 'queued' });
  const confirmed = { by: '1000', credits: 7, at: 0 };
  const after = someFlow({ stage: 'running', money: { confirmed }, runs: [runWithJob('job1')] });
  const text = changeText(change(before, after));
  expect(text).toContain('stage queued → running');
  expect(text).toContain('money.confirmed 7 credits');
  expect(text).toContain('1 waiting → 1 job running');
  expect(changeText(change(null, before))).toBe('new · stage queued');
  expect(flowIn(`kubeez:flow:${after.id}`, kept(after))?.stage).toBe('running');
  expect(flowIn('kubeez:guild:1', kept(after))).toBeUndefined();
});

test('no value of a record is shown that could be a secret, and no key that is one', () => {
  const before = someFlow({ stage: 'uploading' });
  const after = someFlow({
    stage: 'uploading',
    asked: { prompt: 'a secret prompt' },
    reply: { application: 'app-secret', token: 'reply-secret', until: 5 },
    upload: { session: { ...someSession, token: 'upload-secret', url: 'https://x/upload-secret', sentBy: 'private' } },
  });
  const text = changeText(change(before, after));
  expect(text).toContain('upload.link private');
  expect(text).not.toContain('secret');
  expect(text).not.toContain('http');
  expect(shownKey('kubeez:sealed:signin:state-secret')).toBe('sealed:…');
  expect(shownKey('kubeez:draft:abc')).toBe('draft:…');
  expect(shownKey('kubeez:guild:1:open')).toBe('guild:1:open');
  expect(changeText({ at: 0, key: 'kubeez:account:1', before: null, after: kept({ sealed: 'secret' }) })).toMatch(
    /^new, \d+ bytes$/,
  );
});

test('the lines of a story say which process runs, how many were killed, and how flows stand', () => {
  const story = [
    '     0.000  process 1 starts',
    '     1.000  abcd1234 image is quoting',
    '     2.000  process 1 is killed after PATCH /webhooks',
    '     3.000  process 2 starts',
    '     4.000  abcd1234 image is quoted',
  ];
  expect(atStep(story, 0)).toEqual({ process: 1, kills: 0, flows: new Map() });
  expect(atStep(story, 2)).toEqual({ process: null, kills: 1, flows: new Map([['abcd1234', 'image is quoting']]) });
  expect(atStep(story, 4)).toEqual({ process: 2, kills: 1, flows: new Map([['abcd1234', 'image is quoted']]) });
});
