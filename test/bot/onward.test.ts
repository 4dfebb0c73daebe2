import { expect, test } from 'vitest';
import { picture } from '../../playground/props.ts';
import { makingOn } from '../making.ts';
import { finishAll, formOf, idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
const { made, confirmed, newCard } = makingOn(stage);

test('Again: the same once more at a new price, for whoever presses', async () => {
  await stage.startBot();
  const first = await made('image', { prompt: 'a fox', model: 'nano-banana', aspect: '16:9', seed: 7 });
  await stage.ben.press(first, 'Again');
  const second = await newCard(first);
  expect(textOf(second)).toContain(`from #${idIn(first)}`);
  expect(textOf(second)).toContain(`<@${stage.ben.user.id}> · 16:9 · seed 7`);
  expect((await stage.ada.press(second, 'Cancel')).type).toBe('message');
  await confirmed(second);
  expect(stage.paid()).toBe(2);
  expect((await stage.job(2)).arguments).toEqual((await stage.job(1)).arguments);
});

test('Edit prompt: a form with the old text', async () => {
  await stage.startBot();
  const first = await made('image', { prompt: 'a fox', model: 'nano-banana' });
  const form = formOf(await stage.ada.press(first, 'Edit prompt'));
  expect(JSON.stringify(form)).toContain('a fox');
  const empty = messageOf(await stage.ada.submit(stage.channel, form, { prompt: '   ' }, first));
  expect(empty.content).toContain('The prompt is empty');
  const second = messageOf(await stage.ada.submit(stage.channel, form, { prompt: 'a wolf' }, first));
  expect(textOf(second)).toContain('> a wolf');
  await confirmed(second);
  expect((await stage.job(2)).prompt).toBe('a wolf');
});

test('Vary: a start that is refused, or whose answer is lost, does not sink those that began', async () => {
  await stage.startBot();
  const first = await made('image', { prompt: 'a fox', model: 'nano-banana' });
  const form = formOf(await stage.ada.press(first, 'Vary'));
  stage.kubeez.gates.before = (tool) => {
    if (tool === 'generate_media' && stage.paid() === 2)
      stage.kubeez.platform.row('nano-banana').generation_types = ['image-to-image'];
  };
  const second = messageOf(await stage.ada.submit(stage.channel, form, { variants: '3' }, first));
  await confirmed(second);
  expect(textOf(second)).toContain('2 of 3 could not be started');
  expect(second.attachments).toHaveLength(1);
  expect(stage.paid()).toBe(2);
});

test('Animate and Edit: the result is passed on by its address, nothing is uploaded again', async () => {
  await stage.startBot();
  const first = await made('image', { prompt: 'a fox', model: 'nano-banana' });
  const form = formOf(await stage.ben.press(first, 'Animate'));
  const clip = messageOf(await stage.ben.submit(stage.channel, form, { prompt: 'it blinks' }, first));
  await confirmed(clip);
  const job = await stage.job(2);
  const source = [...stage.kubeez.platform.jobs.keys()][0];
  expect(job.arguments.source_media_urls).toEqual([`${stage.kubeez.platform.origin}/images/${source}.png`]);
  expect(stage.kubeez.platform.uploads.size).toBe(0);
  expect(textOf(clip)).toContain(`from #${idIn(first)}`);
  expect(labels(clip)).toEqual(['Again', 'Edit prompt', '⋯']);

  const more = messageOf(await stage.ada.press(first, '⋯'));
  expect(more.ephemeralFor).toBe(stage.ada.user.id);
  expect(labels(more)).toEqual(['Edit', 'Details', 'Delete…']);
  const edit = formOf(await stage.ada.press(more, 'Edit'));
  const edited = messageOf(await stage.ada.submit(stage.channel, edit, { prompt: 'at night' }, more));
  await confirmed(edited);
  expect(edited.attachments[0]).toMatchObject({ content_type: 'image/png' });
});

test('Caption and Separate are not offered on a clip that has no sound', async () => {
  await stage.startBot();
  const toggled = { prompt: 'a ship', model: 'kling-3-0-std' };
  const silent = await made('video', { ...toggled, sound: false });
  expect(labels(silent)).toEqual(['Again', 'Edit prompt', '⋯']);
  const loud = await made('video', { ...toggled, sound: true });
  expect(labels(loud)).toEqual(['Again', 'Edit prompt', 'Caption', 'Separate', '⋯']);
  const never = await made('video', { prompt: 'a ship', model: 'kling-2-6-text-to-video-5s' });
  expect(labels(never)).toEqual(['Again', 'Edit prompt', '⋯']);
  const always = await made('video', { prompt: 'a ship', model: 'wan-2-5' });
  expect(labels(always)).toEqual(['Again', 'Edit prompt', 'Caption', 'Separate', '⋯']);
});

test('/show brings a card that somebody removed back, with live buttons', async () => {
  await stage.startBot();
  const first = await made('image', { prompt: 'a fox', model: 'nano-banana' });
  stage.discord.world.messages.delete(first.id);
  const id = idIn(first);
  expect((await stage.ada.suggestions(stage.channel, 'show', 'id', ''))?.[0]?.value).toBe(id);
  const shown = messageOf(await stage.ada.command(stage.channel, 'show', { id: `#${id}` }));
  await stage.discord.world.until(() => shown.attachments.length === 1, 'the picture');
  expect(labels(shown)).toEqual(['Again', 'Edit prompt', 'Vary', 'Animate', '⋯']);
  await stage.ben.press(shown, 'Again');
  await newCard(shown);
  const unknown = messageOf(await stage.ada.command(stage.channel, 'show', { id: 'nonsense' }));
  expect(unknown.content).toContain('There is no such card here');
});

test('/show of a flow that runs: the card goes on where it is shown', async () => {
  stage.holdJobs();
  await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.card('Confirm ·');
  await stage.ada.press(card, 'Confirm');
  await stage.job();
  const shown = messageOf(await stage.ada.command(stage.thread, 'show', { id: idIn(card) }));
  await finishAll(stage);
  await stage.discord.world.until(() => shown.attachments.length === 1, 'the picture');
});

test('buttons work after months and a restart; a flow no longer kept is answered with what to do', async () => {
  const bot = await stage.startBot();
  const first = await made('image', { prompt: 'a fox', model: 'nano-banana' });
  await bot.stop();
  stage.clock.advance(90 * 24 * 3_600_000);
  await stage.startBot();
  await stage.ben.press(first, 'Again');
  const second = await newCard(first);
  expect(textOf(second)).toContain(`from #${idIn(first)}`);
  const lost = messageOf(await stage.ada.pressRaw(first, 'flow:repeat:abcdefgh'));
  expect(lost).toMatchObject({ ephemeralFor: stage.ada.user.id, content: expect.stringContaining('too old') });
  const broken = messageOf(await stage.ada.pressRaw(first, 'nonsense'));
  expect(broken.content).toContain('I no longer know what this belongs to');
});

test('Again with a picture of Discord’s that has lapsed asks for it anew', async () => {
  await stage.startBot();
  const image = await picture();
  const first = await made('edit', { prompt: 'at night', model: 'qwen-image-to-image', image });
  stage.clock.advance(25 * 3_600_000);
  await stage.ada.press(first, 'Again');
  const second = await newCard(first);
  await stage.discord.world.until(() => textOf(second).includes('The link is in your DMs'), 'a link');
});
