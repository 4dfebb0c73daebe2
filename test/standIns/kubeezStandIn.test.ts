import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { fileTypeFromBuffer } from 'file-type';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exampleRows } from '../../playground/kubeez/rows.ts';
import { type KubeezStandIn, startKubeez } from '../../playground/kubeez/server.ts';
import { modelsSchema } from '../../src/kubeez/answers.ts';
import { modelOf } from '../../src/kubeez/model.ts';
import { MovableClock } from '../clock.ts';

let kubeez: KubeezStandIn;
let client: Client;
const clock = new MovableClock();

async function connect(token: string): Promise<Client> {
  const transport = new StreamableHTTPClientTransport(new URL(kubeez.mcpUrl), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  const made = new Client({ name: 'test', version: '1.0.0' });
  await made.connect(transport as Parameters<Client['connect']>[0]);
  return made;
}

beforeEach(async () => {
  kubeez = await startKubeez({ clock });
  client = await connect(kubeez.token);
});
afterEach(async () => {
  await client.close();
  await kubeez.close();
});

async function call(name: string, args: Record<string, unknown> = {}) {
  const result = await client.request(
    { method: 'tools/call', params: { name, arguments: args } },
    CallToolResultSchema,
  );
  const [part] = result.content;
  return { isError: result.isError ?? false, data: JSON.parse(part?.type === 'text' ? part.text : '{}') };
}

async function download(path: string): Promise<Buffer> {
  const answer = await fetch(new URL(path, kubeez.platform.origin));
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

test('a catalogue of at least 120 rows, every one of which the bot can read', () => {
  const rows = exampleRows();
  expect(rows.length).toBeGreaterThanOrEqual(120);
  const read = modelsSchema.parse({ models: rows }).map(modelOf);
  expect(read).toHaveLength(rows.length);
  expect(new Set(read.map((model) => model.id)).size).toBe(rows.length);
  expect(rows.every((row) => row.cost_note.includes('Example price'))).toBe(true);
});

test('no model of the catalogue is named in the bot’s code', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(40);
  const code = files.map((file) => readFileSync(`src/${file}`, 'utf8')).join('\n');
  for (const { model_id } of exampleRows()) expect(code).not.toContain(`'${model_id}'`);
});

test('a wrong token is refused, a forgotten session is a 404', async () => {
  await expect(connect('wrong')).rejects.toThrow();
  kubeez.forgetSessions();
  await expect(call('get_balance')).rejects.toMatchObject({ code: 404 });
});

test('reads above 120 a minute are refused, and allowed again a minute later', async () => {
  for (let count = 0; count < 120; count++) await call('get_balance');
  expect(await call('get_balance')).toMatchObject({ isError: true, data: { status: 429 } });
  clock.advance(61_000);
  expect(await call('get_balance')).toMatchObject({ isError: false, data: { credits: 1000 } });
});

test('ten jobs at once, thirty starts a minute; what is refused costs nothing', async () => {
  const start = (index: number) => call('generate_media', { prompt: `fox ${index}`, model: 'z-image' });
  for (let index = 0; index < 10; index++) expect((await start(index)).isError).toBe(false);
  expect(await start(11)).toMatchObject({ isError: true, data: { error: 'concurrency_limit' } });
  expect(kubeez.platform.credits).toBe(1000 - 10 * 4);
  for (const id of kubeez.platform.jobs.keys()) kubeez.platform.finish(id);
  for (let index = 10; index < 30; index++) {
    expect((await start(index)).isError).toBe(false);
    for (const id of kubeez.platform.jobs.keys()) kubeez.platform.finish(id);
  }
  expect(await start(31)).toMatchObject({ isError: true, data: { error: 'rate_limited' } });
});

test('the ads of one call are begun together or not at all', async () => {
  const { platform } = kubeez;
  await call('generate_media', { prompt: 'an ad', model: 'z-image' });
  const [picture = ''] = platform.jobs.keys();
  platform.finish(picture);
  const { outputs } = (await call('get_generation_status', { generation_id: picture })).data;
  const ask = { reference_ad_url: outputs[0].url, product_text: 'a fox', variant_count: 3 };
  expect((await call('create_ad_copy', ask)).data.generation_ids).toHaveLength(3);
  const { credits } = platform;
  expect(await call('create_ad_copy', ask)).toMatchObject({ isError: true, data: { error: 'rate_limited' } });
  expect([platform.jobs.size, platform.credits]).toEqual([4, credits]);
});

test('pictures, clips and songs are real files that follow from words and seed', async () => {
  kubeez.platform.settings.speed = 10_000;
  const finished = async (args: Record<string, unknown>) => {
    const { data } = await call('generate_media', args);
    kubeez.platform.finish(data.generation_id);
    return (await call('get_generation_status', { generation_id: data.generation_id })).data.outputs[0];
  };
  const picture = async (prompt: string, seed: number) =>
    download((await finished({ prompt, seed, model: 'z-image' })).url);
  const [one, same, seed, words] = [
    await picture('fox', 1),
    await picture('fox', 1),
    await picture('fox', 2),
    await picture('cat', 1),
  ];
  expect((await fileTypeFromBuffer(one))?.mime).toBe('image/png');
  expect(one.equals(same)).toBe(true);
  expect(one.equals(seed)).toBe(false);
  expect(one.equals(words)).toBe(false);

  const clip = await finished({
    prompt: 'fox',
    seed: 1,
    model: 'kling-3-0-std',
    generation_type: 'text-to-video',
    duration: '3s',
  });
  const mp4 = await download(clip.url);
  expect((await fileTypeFromBuffer(mp4))?.mime).toBe('video/mp4');
  expect((await download(clip.optimized_url)).length).toBeLessThan(mp4.length);
  expect((await fileTypeFromBuffer(await download(clip.thumbnail_url)))?.mime).toBe('image/png');

  const { data } = await call('generate_music', { prompt: 'a slow waltz' });
  kubeez.platform.finish(data.generation_id);
  const { songs } = (await call('get_music_status', { generation_id: data.generation_id })).data;
  const [first, second] = await Promise.all(songs.map((song: { audio_url: string }) => download(song.audio_url)));
  expect((await fileTypeFromBuffer(first))?.mime).toBe('audio/mpeg');
  expect(first.equals(second)).toBe(false);
});

test('an upload is measured from its bytes, and a file that cannot be read is said so', async () => {
  const { data } = await call('get_upload_url', { model_id: 'nano-banana-edit' });
  const send = (name: string, bytes: Buffer) => {
    const form = new FormData();
    form.append('file', new File([new Uint8Array(bytes)], name));
    return fetch(data.url, { method: 'POST', body: form });
  };
  const { generation_id } = (
    await call('generate_media', {
      prompt: 'x',
      model: 'kling-3-0-std',
      generation_type: 'text-to-video',
      duration: '3s',
    })
  ).data;
  kubeez.platform.finish(generation_id);
  const mp4 = await download(`/videos/${generation_id}.mp4`);
  expect((await send('clip.mp4', mp4)).status).toBe(200);
  expect((await send('broken.mp4', mp4.subarray(0, 300))).status).toBe(200);
  expect((await send('notes.txt', Buffer.from('hello'))).status).toBe(400);
  const session = (await call('get_upload_session', { token: data.token })).data;
  expect(session).toMatchObject({
    count: 2,
    total_video_seconds: 3,
    billing_readiness: 'pessimistic_fallback',
    media: [
      { name: 'clip.mp4', kind: 'video', duration_seconds: 3 },
      { name: 'broken.mp4', measurement: 'unreadable' },
    ],
  });
});

test('a prompt of nothing but white space is refused, and costs nothing', async () => {
  kubeez.platform.settings.generation = 'mixed';
  client = await connect(kubeez.token);
  const { data } = await call('generate_media', { prompt: 'a fox', model: 'z-image' });
  const { credits } = kubeez.platform;
  for (const [tool, args] of [
    ['generate_media', { prompt: ' \n\t', model: 'z-image' }],
    ['generate_music', { prompt: '  ' }],
    ['generate_dialogue', { dialogue: [{ text: '          ' }] }],
    ['regenerate', { id: data.generation_id, prompt: ' ' }],
  ] as const) {
    expect([tool, await call(tool, args)]).toMatchObject([tool, { isError: true, data: { status: 422 } }]);
  }
  expect(kubeez.platform.credits).toBe(credits);
});

test('files that cannot be read, are empty or out of reach are refused by every tool that takes files', async () => {
  kubeez.platform.settings.generation = 'mixed';
  client = await connect(kubeez.token);
  const bytes: Record<string, Buffer> = {
    '/empty.png': Buffer.alloc(0),
    '/text.png': Buffer.from('this is no picture'),
    '/icon.svg': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    '/scan.tiff': await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .tiff()
      .toBuffer(),
    '/still.gif': await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .gif()
      .toBuffer(),
    '/photo.jpg': await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer(),
  };
  const files = createServer((request, answer) => {
    const data = bytes[request.url ?? ''];
    answer.writeHead(data ? 200 : 404).end(data);
  });
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
  const edit = (url: string) => {
    const request = { prompt: 'x', model: 'nano-banana-edit', generation_type: 'image-to-image' };
    return call('generate_media', { ...request, source_media_urls: [url] });
  };
  for (const path of ['/empty.png', '/text.png', '/icon.svg', '/scan.tiff', '/still.gif', '/missing.png'])
    expect([path, await edit(`${origin}${path}`)]).toMatchObject([path, { isError: true, data: { status: 422 } }]);
  expect(await edit('http://127.0.0.1:1/closed.png')).toMatchObject({ isError: true, data: { status: 422 } });
  const bad = `${origin}/text.png`;
  for (const [tool, args] of [
    ['generate_captions', { media_url: bad }],
    ['generate_separation', { media_url: bad }],
    ['remove_background', { image_url: bad }],
    ['create_ad_copy', { reference_ad_url: bad, product_text: 'x' }],
    ['create_ad_copy', { reference_ad_url: `${origin}/photo.jpg`, product_text: 'x', product_image_url: bad }],
    ['generate_dubbing', { video_url: bad, languages: ['de'] }],
  ] as const) {
    expect([tool, await call(tool, args)]).toMatchObject([tool, { isError: true, data: { status: 422 } }]);
  }
  expect(kubeez.platform.credits).toBe(1000);
  expect((await edit(`${origin}/photo.jpg`)).isError).toBe(false);
  files.close();
});

test('jobs that run are sped up and finished, also one that a call waits for; prices move for lists, estimates and starts', async () => {
  const { platform, calls } = kubeez;
  const { data } = await call('generate_media', { prompt: 'a fox', model: 'z-image' });
  const job = platform.job(data.generation_id);
  const left = job.readyAt - clock.now();
  platform.setSpeed(10);
  expect(job.readyAt - clock.now()).toBeCloseTo(left / 10, -1);
  const waited = platform.over(job);
  platform.finishAll();
  await waited;
  expect(platform.stateOf(job)).toBe('completed');

  platform.settings.priceFactor = 1.25;
  const priceOf = async () =>
    (await call('get_models')).data.models.find((row: { model_id: string }) => row.model_id === 'z-image');
  expect((await priceOf()).cost_per_generation).toBe(job.cost * 1.25);
  const dearer = await call('generate_media', { prompt: 'a fox', model: 'z-image' });
  expect(platform.job(dearer.data.generation_id).cost).toBe(job.cost * 1.25);

  const paid = calls.calls.filter(({ tool }) => calls.paidTools.has(tool));
  expect(paid.map(({ jobs, answer, isRefused }) => [jobs.length, answer, isRefused])).toEqual([
    [1, 'sent', false],
    [1, 'sent', false],
  ]);
  expect((await call('generate_media', { prompt: 'explicit', model: 'z-image' })).isError).toBe(true);
  expect(calls.calls.at(-1)).toMatchObject({ tool: 'generate_media', jobs: [], isRefused: true });
  expect(calls.calls.map(({ tool }) => tool)).not.toContain('tools/list');
});
