import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onDisk, TooLarge } from '../../src/kubeez/keptFiles.ts';
import { createLogger } from '../../src/log.ts';
import { messageOf, useStage } from '../stage.ts';

const stage = useStage();
const log = createLogger('silent');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kept-files-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** What is kept now, with its folder. */
const kept = () => readdirSync(folder, { recursive: true }).map(String).sort();

test('a file is kept on disk, for its owner alone, read as often as needed, and removed with all others', async () => {
  const files = onDisk(log)();
  expect(kept()).toEqual([]);
  const bytes = Buffer.alloc(300_000, 7);
  const pieces = [bytes.subarray(0, 100), bytes.subarray(100)];
  const one = await files.keep(Readable.from(pieces), bytes.length);
  const other = await files.keep(Readable.from([bytes]), bytes.length);
  expect(one).toMatchObject({ bytes: bytes.length, head: bytes.subarray(0, 4100) });
  const [place = ''] = kept();
  expect(kept()).toHaveLength(3);
  expect(statSync(join(folder, place)).mode & 0o777).toBe(0o700);
  for (const file of [one.file, one.file, other.file])
    expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
  await files.remove();
  expect(kept()).toEqual([]);
});

test('a file with more bytes than it may have is refused before it is read to its end', async () => {
  const files = onDisk(log)();
  let read = 0;
  async function* endless() {
    for (;;) {
      read += 1_000;
      yield Buffer.alloc(1_000);
    }
  }
  await expect(files.keep(Readable.from(endless()), 10_000)).rejects.toThrow(TooLarge);
  expect(read).toBeLessThan(100_000);
  await files.remove();
  expect(kept()).toEqual([]);
});

test.each([
  ['is not there', () => rmSync(folder, { recursive: true })],
  ['is a file', () => vi.stubEnv('TMPDIR', '/dev/null')],
])('where the folder for temporary files %s, files are kept in memory', async (_, spoil) => {
  spoil();
  const said: string[] = [];
  const files = onDisk(createLogger('warn', { write: (line) => said.push(line) }))();
  const { file } = await files.keep(Readable.from([Buffer.from('a fox')]), 100);
  expect(await file.text()).toBe('a fox');
  await files.remove();
  expect(said.join('')).toContain('for ten minutes they are held in memory');
});

test('a disk that takes no more: the next try has the file in memory, for some minutes', async () => {
  const said: string[] = [];
  const open = onDisk(createLogger('warn', { write: (line) => said.push(line) }));
  const files = open();
  await files.keep(Readable.from([Buffer.from('a fox')]), 100);
  rmSync(folder, { recursive: true });
  await expect(files.keep(Readable.from([Buffer.from('a crane')]), 100)).rejects.toThrow('ENOENT');
  expect(said.join('')).toContain('for ten minutes they are held in memory');
  expect(await (await open().keep(Readable.from([Buffer.from('a crane')]), 100)).file.text()).toBe('a crane');
  await files.remove();
});

test('a download that breaks off leaves nothing on disk, and is no fault of the disk', async () => {
  const files = onDisk(log)();
  async function* broken() {
    yield Buffer.alloc(1_000);
    throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  }
  await expect(files.keep(Readable.from(broken()), 10_000)).rejects.toThrow('ECONNRESET');
  expect(kept()).toHaveLength(1);
  await files.keep(Readable.from([Buffer.from('a fox')]), 100);
  expect(kept()).toHaveLength(2);
  await files.remove();
});

test('what a process that died has left is removed by the next one; what is under way in another stays', async () => {
  const [old, other, foreign] = ['kubeez-discord-old', 'kubeez-discord-other', 'someone-else'];
  for (const name of [old, other, foreign]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, old, '1'), 'a fox');
  const hours = new Date(Date.now() - 2 * 3_600_000);
  for (const name of [old, foreign]) utimesSync(join(folder, name), hours, hours);
  onDisk(log);
  await expect.poll(kept).toEqual([other, foreign]);
});

test('while a result is sent it lies on disk; once it is sent, or cannot be, nothing is left there', async () => {
  const seen: string[][] = [];
  await stage.startBot();
  stage.discord.api.gate = async (method) => {
    if (method === 'PATCH') seen.push(kept());
    return undefined;
  };
  const { ada, channel } = stage;
  const card = messageOf(await ada.command(channel, 'image', { prompt: 'a fox in snow', model: 'z-image' }));
  await stage.says(card, 'Confirm ·');
  await ada.press(card, 'Confirm');
  await stage.says(card, '✅');
  expect(card.attachments).toHaveLength(1);
  expect(seen.some((files) => files.length === 2)).toBe(true);
  await expect.poll(kept).toEqual([]);
});
