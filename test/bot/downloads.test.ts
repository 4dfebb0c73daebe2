import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pictureFile } from '../../playground/props.ts';
import { statusSchema } from '../../src/kubeez/answers.ts';
import { Downloads } from '../../src/kubeez/download.ts';
import { readStatus } from '../../src/kubeez/jobStatus.ts';
import { keepInMemory } from '../../src/kubeez/keptFiles.ts';
import { linkTo } from '../../src/kubeez/links.ts';
import { Transfers } from '../../src/kubeez/transfer.ts';

const mebibyte = 1024 * 1024;
let server: Server;
let origin: string;
let downloads: Downloads;
let answers: (request: IncomingMessage, answer: ServerResponse) => void;

beforeEach(async () => {
  server = createServer((request, answer) => answers(request, answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  downloads = new Downloads([origin], 0.02);
});
afterEach(() => server.close());

const send = (data: Buffer, headers: Record<string, string> = {}) => {
  answers = (_, answer) => void answer.writeHead(200, headers).end(data);
};

test('who asks for a file says who is asking', async () => {
  const picture = await pictureFile();
  answers = ({ headers }, answer) => void answer.writeHead(headers['user-agent'] ? 200 : 403).end(picture);
  expect(await downloads.fetch(`${origin}/a.png`, mebibyte, keepInMemory)).toMatchObject({
    ok: true,
    extension: 'png',
  });
});

test.each<[encoding: string, encode: (data: Buffer) => Buffer]>([
  ['gzip', gzipSync],
  ['X-GZIP', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['identity', (data) => data],
  ['deflate, gzip', (data) => gzipSync(deflateSync(data))],
])('a file that comes compressed (%s) although nobody asked for it is read', async (encoding, encode) => {
  const data = await pictureFile();
  send(encode(data), { 'content-encoding': encoding });
  const got = await downloads.fetch(`${origin}/a.png`, mebibyte, keepInMemory);
  expect(got.ok && got.file.equals(data)).toBe(true);
});

test('a small file that decodes to a large one is too large', async () => {
  send(gzipSync(Buffer.alloc(50 * mebibyte)), { 'content-encoding': 'gzip' });
  expect(await downloads.fetch(`${origin}/a.png`, mebibyte, keepInMemory)).toEqual({ ok: false, why: 'tooLarge' });
});

test('a compressed file that is cut short, or compressed as nobody knows, is not there', async () => {
  send(gzipSync(await pictureFile()).subarray(0, 200), { 'content-encoding': 'gzip' });
  expect(await downloads.fetch(`${origin}/a.png`, mebibyte, keepInMemory)).toEqual({ ok: false, why: 'unavailable' });
  send(await pictureFile(), { 'content-encoding': 'rot13' });
  expect(await downloads.fetch(`${origin}/a.png`, mebibyte, keepInMemory)).toEqual({ ok: false, why: 'unavailable' });
});

test('a page in place of a file may become one; a file of another type stays what it is', async () => {
  for (const page of ['<!DOCTYPE html><p>Soon', '{"error":"not yet"}', ''])
    expect(await fetched(Buffer.from(page))).toBe('unavailable');
  for (const file of [Buffer.from('PK\u0003\u0004 something'), Buffer.from('just words'), Buffer.alloc(100, 1)])
    expect(await fetched(file)).toBe('unknownType');
});

async function fetched(data: Buffer): Promise<string> {
  send(data);
  const got = await downloads.fetch(`${origin}/a`, mebibyte, keepInMemory);
  return got.ok ? got.extension : got.why;
}

test.each(['http://[broken', 'https://', '\\\\', 'https://user:@:99999/'])(
  'a redirect to “%s” is no download, and throws nothing',
  async (location) => {
    answers = (_, answer) => void answer.writeHead(302, { location }).end();
    expect(await downloads.fetch(`${origin}/a.png`, mebibyte, keepInMemory)).toMatchObject({ ok: false });
  },
);

test.each([
  '',
  ' ',
  'no address',
  'http://[',
  'javascript:alert(1)',
  'blob:http://127.0.0.1/1',
  'file:///etc/passwd',
  '//',
  'ftp://a/b',
])('nothing is fetched from, brought to or linked at “%s”, and nothing throws', async (address) => {
  expect(await downloads.fetch(address, mebibyte, keepInMemory)).toEqual({ ok: false, why: 'refused' });
  expect(downloads.rulesFor(address)).toBeUndefined();
  expect(downloads.linkTo(address)).toBeUndefined();
  expect(await new Transfers(downloads).send(address, 'token', [])).toBe(false);
  expect(await new Transfers(downloads).send(`${origin}/upload`, 'token', [{ url: address, name: 'a.png' }])).toBe(
    false,
  );
});

test('an address is linked to only over https or at a configured origin, and cannot end its link', () => {
  const at = (address: string) => linkTo(address, new Set(['http://media.example']));
  expect(at('https://a.example/x?sig=a_b%2F~c')).toBe('https://a.example/x?sig=a_b%2F~c');
  expect(at('http://media.example/x')).toBe('http://media.example/x');
  expect(at('http://a.example/x')).toBeUndefined();
  expect(at('https://kubeez.com@evil.example/')).toBe('https://evil.example/');
  expect(at(`https://a.example/${'x'.repeat(3000)}`)).toBeUndefined();
  for (const special of ['(', ')', '[', ']', '<', '>', ' ', '\\', '|', '`', '\n', '"'])
    expect(at(`https://a.example/?q=a${special}b#c${special}d`)).not.toMatch(/[()[\]<>\s\\|`]/);
});

test.each([
  ['COMPLETED', 'completed'],
  [' Succeeded ', 'completed'],
  ['completed_with_warnings', 'completed'],
  ['In Progress', 'running'],
  ['FIRST_SUCCESS', 'running'],
  ['not ready', 'running'],
  ['GenerateAudioFailed', 'failed'],
  ['failed to complete', 'failed'],
  ['timed-out', 'failed'],
  ['CANCELED', 'failed'],
])('a status may be spelled %s', (status, state) => {
  const answer = statusSchema.parse({ status, outputs: [{ url: '/1.png' }] });
  expect(readStatus('media', answer, 'https://media.example').status).toBe(state);
});

test('an error text ends what is not known to be still running', () => {
  const state = (answer: object) => readStatus('media', statusSchema.parse(answer), 'https://media.example').status;
  expect(state({ status: 'vendor_said_no', error: 'No.' })).toBe('failed');
  expect(state({ status: 'vendor_said_no', error: { message: 'No.' } })).toBe('failed');
  expect(state({ status: 'completed', outputs: [], error_message: 'Lost it.' })).toBe('failed');
  expect(state({ status: 'processing', error: 'The first try failed.' })).toBe('running');
  for (const error of [null, '', undefined]) expect(state({ status: 'dreaming', error })).toBe('running');
});
