import { expect, test } from 'vitest';
import { useStage } from '../stage.ts';

const stage = useStage();

const names = (choices: { name: string }[] | undefined) => choices?.map((choice) => choice.name);
const values = (choices: { value: unknown }[] | undefined) => choices?.map((choice) => choice.value);

test('models are ranked: exact, beginning, word, then price; with price and usual time, at most 25', async () => {
  await stage.startBot();
  const { ada, channel } = stage;
  expect(values(await ada.suggestions(channel, 'image', 'model', 'imagen-4'))).toEqual([
    'imagen-4',
    'imagen-4-fast',
    'imagen-4-ultra',
  ]);
  expect(names(await ada.suggestions(channel, 'image', 'model', 'nano'))?.[0]).toBe('Nano Banana · 7 credits · ~10 s');
  expect(values(await ada.suggestions(channel, 'image', 'model', 'pro 4K'))).toEqual(['nano-banana-pro-4K']);
  const everything = await ada.suggestions(channel, 'video', 'model', '');
  expect(everything).toHaveLength(25);
  expect(await ada.suggestions(channel, 'image', 'model', 'zzz')).toEqual([]);
});

test('each command offers its own kind of models', async () => {
  await stage.startBot();
  const { ada, channel } = stage;
  expect(values(await ada.suggestions(channel, 'edit', 'model', 'nano-banana-edit'))).toEqual(['nano-banana-edit']);
  expect(values(await ada.suggestions(channel, 'image', 'model', 'nano-banana-edit'))).toEqual([]);
  expect(values(await ada.suggestions(channel, 'animate', 'model', 'motion'))).toEqual([]);
  // This row says nothing of its inputs at the top level, only among its capabilities.
  expect(values(await ada.suggestions(channel, 'animate', 'model', 'seedance-1-5-pro-480p-4s'))).toContain(
    'seedance-1-5-pro-480p-4s',
  );
});

test('options come from the chosen model', async () => {
  await stage.startBot();
  const { ada, channel } = stage;
  expect(values(await ada.suggestions(channel, 'image', 'aspect', '', { model: 'gpt-1.5-image-high' }))).toEqual([
    '1:1',
    '2:3',
    '3:2',
  ]);
  expect(values(await ada.suggestions(channel, 'video', 'duration', '1', { model: 'kling-3-0-pro' }))).toContain('15s');
  expect(values(await ada.suggestions(channel, 'image', 'resolution', '', { model: 'gpt-image-2' }))).toEqual([
    '1K',
    '2K',
    '4K',
  ]);
  expect(values(await ada.suggestions(channel, 'image', 'resolution', '', { model: 'z-image' }))).toEqual([]);
});

test('answers need neither the platform nor much time: it is away, and they come from the last good copy', async () => {
  const first = await stage.startBot();
  await first.stop();
  stage.kubeez.outage.on = true;
  await stage.startBot();
  const found = await stage.ada.suggestions(stage.channel, 'image', 'model', 'nano-banana');
  expect(found?.[0]?.value).toBe('nano-banana');
});

test('a model that disappeared from the server is no longer offered after a refresh', async () => {
  await stage.startBot();
  const { platform } = stage.kubeez;
  platform.rows = platform.rows.filter((row) => row.model_id !== 'z-image');
  const reads = platform.reads.length;
  stage.clock.advance(10 * 60_000);
  await stage.discord.world.until(() => platform.reads.length > reads, 'a refresh');
  const offered = () => stage.ada.suggestions(stage.channel, 'image', 'model', 'z-image').then(values);
  await expect.poll(offered).toEqual(['z-image-hd']);
});
