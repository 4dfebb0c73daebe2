import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import { backUp } from '../../src/backup/backUp.ts';
import { exportTo } from '../../src/backup/exportTo.ts';
import { restore } from '../../src/backup/restore.ts';
import { SqliteStore } from '../../src/state/sqlite.ts';
import { hasRedis, startRedis, stopRedisAfterEach } from '../redisServer.ts';
import { idIn, messageOf, textOf, uploadLink, useStage } from '../stage.ts';

const stage = useStage();
stopRedisAfterEach();
let folder: string;
let stateUrl: string;
const path = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeez-backup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  stateUrl = `sqlite:${path('bot.db')}`;
});

const firstLine = JSON.stringify({ export: 'kubeez-discord records', v: 1 });
const recordLine = (value: object) => JSON.stringify({ key: 'flow:a', stored: { value } });
const lastLine = (records: number) => JSON.stringify({ end: true, records });

const start = (url = stateUrl) => stage.startBot({ STATE_URL: url });

async function quoted(prompt: string): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'z-image' }));
  await stage.says(card, '[Confirm ·');
  return card;
}

/** A card whose paid job runs. */
async function running(prompt = 'a fox'): Promise<Message> {
  stage.holdJobs();
  const card = await quoted(prompt);
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, ' s · ');
  return card;
}

async function finish(card: Message): Promise<void> {
  for (const { id } of stage.kubeez.platform.jobs.values()) stage.kubeez.platform.finish(id);
  await stage.says(card, '✅');
}

/** Changes the record of a flow in a database that nobody has open. */
async function changeRecord(file: string, key: string, changed: (record: Record<string, unknown>) => object) {
  const store = new SqliteStore(file);
  const stored = JSON.parse((await store.get<string>(`kubeez:${key}`)) ?? '');
  await store.set(`kubeez:${key}`, JSON.stringify({ ...stored, value: changed(stored.value) }));
  await store.disconnect();
}

test('a backup is taken while the bot runs and writes; restored, paid work goes on, and what was there is kept', async () => {
  const bot = await start();
  const card = await running();
  const taken = backUp(stateUrl, path('copy.db'));
  expect(taken.sentence).toMatch(/copy\.db holds all \d+ records \([\d,]+ bytes\), and SQLite found it sound/);
  expect(taken.ok).toBe(true);
  if (process.platform !== 'win32') expect(statSync(path('copy.db')).mode & 0o777).toBe(0o600);
  const other = await quoted('a wolf');
  expect(backUp(stateUrl, path('copy.db')).sentence).toContain('exists already, and nothing is overwritten');
  expect((await restore(stateUrl, path('copy.db'))).sentence).toContain('A bot runs on this store');
  await bot.stop();

  const { ok, sentence } = await restore(stateUrl, path('copy.db'));
  expect(sentence).toContain('what was there before is kept as');
  expect(ok).toBe(true);
  const kept = readdirSync(folder).find((name) => /^bot\.db\.\d{4}.*Z$/.test(name)) ?? '';
  const before = new Database(path(kept));
  expect(before.prepare('SELECT 1 FROM records WHERE key = ?').get([`kubeez:flow:${idIn(other)}`])).toBeDefined();
  before.close();
  await start();
  await finish(card);
  expect(stage.paid()).toBe(1);
  expect(stage.log.join('')).not.toContain('-wal');
});

test('a backup from before a start: the job is looked for and found, and not paid for again', async () => {
  const bot = await start();
  const card = await running();
  await bot.stop();
  backUp(stateUrl, path('copy.db'));
  await changeRecord(path('copy.db'), `flow:${idIn(card)}`, (flow) => {
    const runs = [flow.runs].flat().map((run) => ({ ...Object(run), state: 'waiting', job: undefined }));
    return { ...flow, stage: 'queued', runs, wait: { ...Object(flow.wait), submittedAt: null, running: null } };
  });
  const claims = new Database(path('copy.db'));
  claims.exec("DELETE FROM records WHERE key LIKE 'kubeez:job:%'");
  claims.close();
  await restore(stateUrl, path('copy.db'));
  await start();
  await stage.inTime(finish(card));
  expect(stage.paid()).toBe(1);
});

test('a backup without a bot leaves the database as a kill has left it', async () => {
  const store = new SqliteStore(path('bot.db'));
  await store.set('kubeez:flow:a', '{"value":{"v":2}}');
  for (const end of ['', '-wal']) writeFileSync(path(`killed.db${end}`), readFileSync(path(`bot.db${end}`)));
  await store.disconnect();
  expect(backUp(`sqlite:${path('killed.db')}`, path('copy.db')).sentence).toContain('holds all 1 record ');
  const opened = new SqliteStore(path('killed.db'));
  expect(opened.isCutOff).toBe(false);
  await opened.disconnect();
});

test('an export has no secret in clear', async () => {
  await start();
  stage.holdJobs();
  const card = messageOf(
    await stage.ada.command(stage.channel, 'edit', { prompt: 'make it blue', model: 'nano-banana-edit' }),
  );
  const link = await uploadLink(stage);
  await quoted('a fox');
  const { ok, sentence } = await exportTo(stateUrl, path('all.jsonl'));
  expect(sentence).toMatch(/all\.jsonl has all \d+ records as lines of JSON/);
  expect(ok).toBe(true);
  if (process.platform !== 'win32') expect(statSync(path('all.jsonl')).mode & 0o777).toBe(0o600);
  const text = readFileSync(path('all.jsonl'), 'utf8');
  expect(text).toContain(idIn(card));
  const records = new Database(path('bot.db'));
  const stored = JSON.stringify(records.prepare("SELECT value FROM records WHERE key LIKE 'kubeez:flow:%'").all([]));
  records.close();
  const tokens = [...stored.matchAll(/\\"token\\":\\"([^"\\]+)/g)].map(([, token = '']) => token);
  expect(tokens.length).toBeGreaterThan(1);
  for (const secret of [link, ...tokens]) expect(text).not.toContain(secret);
  for (const name of ['DISCORD_TOKEN', 'KUBEEZ_TOKEN']) expect(text).not.toContain(stage.env[name]);
});

test.skipIf(!hasRedis)(
  'the records move from a file to Redis and back; open requests go on in the same messages',
  async () => {
    const redis = await startRedis();
    const first = await start();
    const card = await running();
    const draft = await quoted('a wolf');
    await first.stop();
    await exportTo(stateUrl, path('one.jsonl'));
    expect(backUp(redis.url, path('copy.db')).sentence).toContain('Redis, which is backed up by its own means');
    expect((await restore(redis.url, path('one.jsonl'))).sentence).toContain('are in place. Start the bot');
    const lapsing = redis.ask(
      'EVAL',
      "local n = 0 for _, k in ipairs(redis.call('KEYS', '*')) do if redis.call('PTTL', k) > 0 then n = n + 1 end end return n",
      '0',
    );
    expect(readFileSync(path('one.jsonl'), 'utf8').match(/"expires"/g)?.length ?? 0).toBe(Number(lapsing));
    const second = await start(redis.url);
    expect((await restore(redis.url, path('one.jsonl'))).sentence).toContain('A bot runs on this store');
    await finish(card);
    await second.stop();
    expect((await restore(redis.url, path('one.jsonl'))).sentence).toMatch(/already has \d+ records of a bot/);

    expect((await exportTo(redis.url, path('two.jsonl'))).ok).toBe(true);
    expect((await restore(stateUrl, path('two.jsonl'))).ok).toBe(true);
    await start();
    stage.kubeez.platform.settings.hold = false;
    await stage.ada.press(draft, 'Confirm');
    await stage.says(draft, '✅');
    expect(textOf(card)).toContain('✅');
    expect(stage.paid()).toBe(2);
  },
);

test.skipIf(!hasRedis)(
  'a restore into Redis that was cut off: no bot starts on it, and it may be done again',
  async () => {
    const redis = await startRedis();
    writeFileSync(path('all.jsonl'), [firstLine, recordLine({ v: 2 }), lastLine(1)].join('\n'));
    redis.ask('SET', 'kubeez::kubeez:restoring', '{"value":{"v":1}}');
    redis.ask('SET', 'kubeez::kubeez:guild:1:open', '{"value":{"v":1,"ids":[]}}');
    await expect(start(redis.url)).rejects.toThrow('A restore into this Redis was cut off');
    expect((await restore(redis.url, path('all.jsonl'))).ok).toBe(true);
    expect(redis.ask('EXISTS', 'kubeez::kubeez:restoring')).toBe('0');
  },
);

test.each([
  ['of a newer version', [firstLine, recordLine({ v: 3 }), lastLine(1)].join('\n'), 'is of a newer version of the bot'],
  [
    'in a newer form',
    [firstLine.replace('"v":1', '"v":2'), lastLine(0)].join('\n'),
    'is of a newer version of the bot',
  ],
  ['that was cut off', [firstLine, recordLine({ v: 2 })].join('\n'), 'was cut off'],
  ['of something else', '{"name":"package"}\n', 'is neither a backup nor an export'],
  ['without anything in it', '', 'is neither a backup nor an export'],
  ['of a database of something else', Buffer.from('SQLite format 3\0 and then nothing'), 'SQLite finds'],
] as const)('a file %s is refused with a sentence, and nothing is changed', async (_, content, sentence) => {
  const store = new SqliteStore(path('bot.db'));
  await store.set('kubeez:guild:1', '{"value":{"v":1}}');
  await store.disconnect();
  const before = readFileSync(path('bot.db'));
  writeFileSync(path('given'), content);
  const refused = await restore(stateUrl, path('given'));
  expect(refused.sentence).toContain(sentence);
  expect(refused.ok).toBe(false);
  expect(readFileSync(path('bot.db')).equals(before)).toBe(true);
});
