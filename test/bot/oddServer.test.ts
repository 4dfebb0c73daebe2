import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import type { Row } from '../../playground/kubeez/rows.ts';
import type { Message as RpcMessage } from '../../playground/kubeez/shapes.ts';
import { pictureFile } from '../../playground/props.ts';
import { messageOf, textOf, uploadTo, useStage } from '../stage.ts';

const stage = useStage();

async function quoted(command: string, wish: Record<string, string>): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, command, wish));
  await stage.discord.world.until(() => buttonsOf(card)[0]?.label?.startsWith('Confirm ·'), `a price: ${textOf(card)}`);
  return card;
}

/** A list of tools with something else in it. */
const tools =
  (extra: object, ...more: unknown[]) =>
  (message: RpcMessage) => ({
    ...message,
    result: { ...message.result, tools: [...more, ...(message.result.tools as object[])], ...extra },
  });
const foreign = { name: 'weather', inputSchema: { type: 'object' } };

let cursor = 0;
const oddTools: Record<string, (message: RpcMessage) => object> = {
  'nextCursor: null': tools({ nextCursor: null }),
  'nextCursor: ""': tools({ nextCursor: '' }),
  'nextCursor: 7': tools({ nextCursor: 7 }),
  'the same cursor again and again': tools({ nextCursor: 'more' }),
  'a new cursor for ever, all pages empty but the first': ({ result, ...message }) => ({
    ...message,
    result: { tools: cursor++ === 0 ? result.tools : [], nextCursor: `page-${cursor}` },
  }),
  'a dangling $ref in the output schema of another tool': tools(
    {},
    {
      ...foreign,
      outputSchema: { type: 'object', properties: { sky: { $ref: '#/$defs/sky' } } },
    },
  ),
  'null in every optional field of another tool': tools(
    {},
    {
      ...foreign,
      title: null,
      description: null,
      annotations: null,
      outputSchema: null,
      execution: null,
      icons: null,
      _meta: null,
    },
  ),
  'another tool without an input schema': tools({}, { name: 'weather', inputSchema: null }),
  'another tool with an input schema of another kind': tools(
    {},
    { name: 'weather', inputSchema: { type: 'array', properties: [] } },
  ),
  'entries that are no tools': tools({}, null, 7, 'weather', { title: 'Weather' }),
  '_meta: null': tools({ _meta: null }),
};

test.each(Object.keys(oddTools))(
  'a list of tools with something odd in it (%s): all others can be used',
  async (name) => {
    cursor = 0;
    stage.kubeez.shapes.push({ tool: /^tools\/list$/, shape: oddTools[name] ?? tools({}) });
    await stage.startBot();
    const card = await quoted('image', { prompt: 'a fox', model: 'z-image' });
    await stage.ada.press(card, 'Confirm');
    await stage.discord.world.until(() => textOf(card).includes('✅'), 'a result');
  },
);

test('a server that introduces itself with nulls can be talked to', async () => {
  stage.kubeez.shapes.push({
    tool: /^initialize$/,
    shape: (message) => ({
      ...message,
      error: null,
      result: {
        ...message.result,
        instructions: null,
        _meta: null,
        capabilities: { tools: {}, prompts: null, logging: null },
        serverInfo: { ...(message.result.serverInfo as object), title: null, websiteUrl: null, icons: null },
      },
    }),
  });
  await stage.startBot();
  await quoted('image', { prompt: 'a fox', model: 'z-image' });
});

/** An answer whose data, wherever they stand, are changed. */
const data =
  (change: (value: Record<string, unknown>) => object) =>
  ({ result: { content }, ...message }: RpcMessage): string => {
    const changed = JSON.stringify(change(JSON.parse((content as { text: string }[])[0]?.text ?? '{}')));
    const text = changed.replaceAll('"NaN!"', 'NaN').replaceAll('"Infinity!"', '-Infinity');
    return JSON.stringify({ ...message, result: { content: [{ type: 'text', text }] } });
  };

test('a catalogue with odd rows among the good ones: only what cannot be used is left out', async () => {
  const odd: Record<string, (row: Row) => object> = {
    'z-image': (row) => ({ ...row, cost_per_generation: '4', estimated_time_seconds: 'NaN!', usage_notes: null }),
    'nano-banana': (row) => ({
      ...row,
      capabilities: { ...row.capabilities, prompt_max_chars: 'NaN!', duration_options: [null, 5] },
    }),
    'imagen-4': (row) => ({ ...row, cost_per_generation: '13.0 credits' }),
    'imagen-4-ultra': (row) => ({ ...row, cost_per_generation: 'Infinity!' }),
  };
  stage.kubeez.shapes.push({
    tool: /^get_models$/,
    shape: data(({ models }) => ({
      models: [null, 7, {}, ...(models as Row[]).map((row) => odd[row.model_id]?.(row) ?? row)],
      total_count: 'NaN!',
    })),
  });
  await stage.startBot();
  expect(textOf(await quoted('image', { prompt: 'a fox', model: 'z-image' }))).toContain('Confirm · 4 credits');
  expect(textOf(await quoted('image', { prompt: 'a fox', model: 'nano-banana' }))).toContain('Confirm · 7 credits');
  for (const model of ['imagen-4', 'imagen-4-ultra']) {
    const answer = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model }));
    expect(answer.content).toContain(`There is no model “${model}”`);
  }
});

test('songs, pictures and the history with odd entries among the good ones are delivered', async () => {
  const odd = { url: 'http://[broken', duration: 'NaN!', media_type: 7 };
  stage.kubeez.shapes.push(
    {
      tool: /^get_(music_)?status$/,
      shape: data((status) => ({ ...status, songs: [null, 7, ...[status.songs ?? []].flat()] })),
    },
    {
      tool: /^get_generation_status$/,
      shape: data((status) => ({
        ...status,
        seed: 'NaN!',
        outputs: [null, ...[status.outputs ?? []].flat().map((one) => ({ ...one, duration: 'NaN!', file_size: null }))],
      })),
    },
    {
      tool: /^get_generations$/,
      shape: data(({ generations }) => ({
        generations: [null, { id: null, outputs: odd }, ...(generations as object[])],
      })),
    },
  );
  await stage.startBot();
  const songs = await quoted('music', { prompt: 'a song about a fox' });
  await stage.ada.press(songs, 'Confirm');
  await stage.cardInTime('✅');
  expect(songs.attachments.length).toBeGreaterThanOrEqual(2);
  const card = await quoted('image', { prompt: 'a fox', model: 'z-image' });
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => textOf(card).includes('✅ 4 credits'), 'a result');
});

test('an upload with an odd file among the good ones goes on with those', async () => {
  stage.kubeez.shapes.push({
    tool: /^get_upload_session$/,
    shape: data(({ media, media_urls, ...session }) => ({
      ...session,
      media: [
        null,
        { url: null, kind: 'image' },
        ...(media as object[]).map((file) => ({ ...file, width: 'NaN!', duration_seconds: null })),
      ],
      media_urls: [null, ...(media_urls as string[])],
      total_video_seconds: 'NaN!',
    })),
  });
  await stage.startBot();
  const card = messageOf(
    await stage.ada.command(stage.channel, 'animate', { prompt: 'snow falls', model: 'kling-3-0-turbo' }),
  );
  const link = await stage.discord.world.until(() => {
    const texts = stage.ada.directMessages().map(({ content }) => /http\S+/.exec(content)?.[0]);
    return texts.find((text) => text !== undefined);
  }, 'a link');
  await uploadTo(link, ['one.png', await pictureFile()]);
  await stage.discord.world.until(() => textOf(card).includes('Confirm ·'), 'a price');
  expect(textOf(card)).toContain('1 file');
});

test('an answer of a size that nobody sends is given up, and the bot goes on', async () => {
  await stage.startBot();
  const shape = { tool: /^get_balance$/, shape: () => 'x'.repeat(17 * 1024 * 1024) };
  stage.kubeez.shapes.push(shape);
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.card('Kubeez can’t be reached');
  shape.tool = /^none$/;
  await stage.cardInTime('Confirm ·');
  expect(textOf(card)).toContain('Confirm · 4 credits');
});
