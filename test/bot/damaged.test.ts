import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../../src/log.ts';
import { mendStore } from '../../src/state/mend.ts';
import { SqliteStore } from '../../src/state/sqlite.ts';
import { openStore } from '../../src/state/store.ts';
import { idIn, messageOf, useStage } from '../stage.ts';

const pageSize = 4096;
const silent = createLogger('silent');
let file: string;
let said: string[];

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeez-damaged-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  file = join(folder, 'bot.db');
  said = [];
});

const keyOf = (index: number) => `kubeez:flow:${index}`;
const textOf = (index: number) => JSON.stringify({ value: { v: 2, text: 'ä'.repeat(index % 20 === 0 ? 6000 : 200) } });

/** A store with 300 records, some of them over several pages, of which 100 more were deleted. */
async function fill(): Promise<void> {
  const store = new SqliteStore(file);
  await Promise.all(Array.from({ length: 400 }, (_, index) => store.set(keyOf(index), textOf(index))));
  await Promise.all(Array.from({ length: 100 }, (_, index) => store.delete(keyOf(index))));
  await store.disconnect();
}

/** Writes over pages, which are counted from 1. */
function damage(pages: number[], byte: number, from = 0): void {
  const bytes = readFileSync(file);
  for (const page of pages) bytes.fill(byte, (page - 1) * pageSize + from, page * pageSize);
  writeFileSync(file, bytes);
}

/** The pages in use of a kind: 13 has rows, 10 keys, 5 and 2 lead to these, 0 goes on with a long row or is free. */
function pagesOf(kind: number): number[] {
  const bytes = readFileSync(file);
  const all = Array.from({ length: bytes.length / pageSize }, (_, index) => index + 1);
  return all.filter((page) => page > 1 && bytes[(page - 1) * pageSize] === kind);
}

const mend = (isAlone = true) =>
  mendStore({
    stateUrl: `sqlite:${file}`,
    isAlone,
    openRequest: () => undefined,
    log: createLogger('warn', { write: (line) => void said.push(line) }),
  });

function rows(of = file): Map<string, string> {
  const database = new Database(of);
  const all = z
    .array(z.object({ key: z.string(), value: z.string() }))
    .parse(database.prepare('SELECT key, value FROM records').all([]));
  database.close();
  return new Map(all.map(({ key, value }) => [key, value]));
}

const setAside = () => readdirSync(join(file, '..')).filter((name) => /^bot\.db\.\d{4}-.*Z$/.test(name));

/** What was saved is as it was written; gives how much that is. */
function saved(): number {
  const all = [...rows()].filter(([, value]) => !value.includes('"lost":true'));
  for (const [key, value] of all) expect(value).toBe(textOf(Number(key.split(':')[2])));
  // What was deleted does not come back.
  expect(all.filter(([key]) => Number(key.split(':')[2]) < 100)).toEqual([]);
  return all.length;
}

test('a sound database is left as it is', async () => {
  await fill();
  const before = readFileSync(file);
  await mend();
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(setAside()).toEqual([]);
});

describe('a damaged database', () => {
  beforeEach(fill);

  test.each([
    ['the page that leads to all rows', () => damage(pagesOf(5), 0), 300],
    ['the pages that lead to all keys', () => damage(pagesOf(2), 0), 300],
    ['a page of keys', () => damage(pagesOf(10).slice(0, 1), 255), 300],
  ] as const)('%s: every record is saved', async (_, hurt, count) => {
    hurt();
    await mend();
    expect(saved()).toBe(count);
    expect(said.join('')).toContain(`the database was damaged: ${count} records were saved`);
    expect(setAside()).toHaveLength(1);
  });

  test('a page of rows: the others are saved, and those are told and can no longer be read', async () => {
    const [page = 0] = pagesOf(13).slice(-3);
    damage([page], 0);
    await mend();
    const lost = [...rows()].filter(([, value]) => value.includes('"lost":true')).map(([key]) => key);
    expect(lost.length).toBeGreaterThan(0);
    expect(saved() + lost.length).toBe(300);
    expect(said.join('')).toContain(`${lost.length} could not be read`);
    for (const key of lost) expect(said.join('')).toContain(`"${key}"`);
    const store = await openStore(`sqlite:${file}`, silent);
    const [key = ''] = lost;
    await expect(store.get(key.replace('kubeez:', ''), z.object({ v: z.literal(2) }))).rejects.toThrow('does not fit');
    await store.close();
  });

  test('half a page of rows: the half is saved', async () => {
    damage(pagesOf(13).slice(-1), 0x61, 3000);
    await mend();
    expect(saved()).toBeGreaterThan(290);
  });

  test('the list of free pages, and the way to all rows: what was deleted cannot be told from what is kept', async () => {
    const bytes = readFileSync(file);
    damage([...pagesOf(5), bytes.readUInt32BE(32)], 255);
    await expect(mend()).rejects.toThrow('nothing in it can be read safely');
    expect(setAside()).toEqual([]);
  });

  test.each([
    ['its first page', () => damage([1], 0)],
    ['all but a little at its beginning', () => truncateSync(file, 5000)],
    ['something else altogether', () => writeFileSync(file, 'this is no database, but long enough to be read as one')],
  ] as const)('%s: nothing can be saved, so the start is refused, and the file stays', async (_, hurt) => {
    hurt();
    const before = readFileSync(file);
    await expect(mend()).rejects.toThrow('nothing in it can be read safely');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('other processes may have it open: it is left to them', async () => {
    damage(pagesOf(5), 0);
    await expect(mend(false)).rejects.toThrow('Stop every process of the bot');
  });

  test('a text that is none any more ends nobody: its record is one that cannot be read', async () => {
    damage(pagesOf(0).slice(-1), 255, 4);
    const store = await openStore(`sqlite:${file}`, silent);
    const read = await Promise.allSettled(
      [...Array(400).keys()].map((index) => store.get(`flow:${index}`, z.object({ v: z.literal(2) }))),
    );
    await store.close();
    expect(read.filter(({ status }) => status === 'rejected').length).toBeLessThanOrEqual(1);
  });

  test('killed while the new database took its place: the next start does the rest', async () => {
    copyFileSync(file, `${file}.next`);
    damage(pagesOf(5), 0);
    const [half = ''] = setAside();
    expect(half).toBe('');
    await mend();
    expect(saved()).toBe(300);
    expect(said).toEqual([]);
    expect(existsSync(`${file}.next`)).toBe(false);
  });
});

describe('a bot', () => {
  const stage = useStage();

  test('starts on a damaged database: what was paid for arrives, also where the list of it is lost', async () => {
    stage.holdJobs();
    const first = await stage.startBot();
    const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
    await stage.says(card, '[Confirm ·');
    await stage.ada.press(card, 'Confirm');
    const { id } = await stage.job();
    await stage.card(' s · ');
    await first.stop();
    const kept = stage.rows();
    stage.kubeez.platform.finish(id);

    const store = new SqliteStore(file);
    for (const { key, value } of kept) if (!key.endsWith(':open')) await store.set(key, value);
    await store.disconnect();
    damage(pagesOf(10).slice(0, 1), 0);
    await stage.startBot({ STATE_URL: `sqlite:${file}` });
    await stage.says(card, '✅');
    expect(stage.log.join('')).toContain('the database was damaged');
    expect(kept.map(({ key }) => key)).toContain(`kubeez:flow:${idIn(card)}`);
    expect(stage.paid()).toBe(1);
  });
});
