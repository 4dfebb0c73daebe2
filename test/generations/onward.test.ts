import { expect, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import { picture } from '../../playground/props.ts';
import { finishAll, formOf, generation, idIn, labels, messageOf, spokenIn, textOf, useStage } from '../stage.ts';

const stage = useStage();

/** Makes something, all the way to its files. */
async function made(name: string, values: Parameters<typeof stage.ada.command>[2]): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, name, values));
  await confirmed(card);
  const isSaved = (line: string) => line.includes('"to":"delivered"') && line.includes(idIn(card));
  await stage.discord.world.until(() => stage.log.some(isSaved), 'the record');
  return card;
}

async function confirmed(card: Message): Promise<Message> {
  const { world } = stage.discord;
  await world.until(() => labels(card).some((label) => label.startsWith('Confirm')), 'a price');
  await stage.discord
    .person(world.user(card.author === world.bot.id ? ownerOf(card) : card.author))
    .press(card, 'Confirm');
  await world
    .until(() => textOf(card).includes('✅'), 'the result')
    .catch(() => {
      throw new Error(`No result: ${textOf(card)}`);
    });
  return card;
}

const ownerOf = (card: Message) => /<@(\d+)>/.exec(textOf(card).split('\n')[2] ?? '')?.[1] ?? stage.ada.user.id;

/** The newest card, other than these. */
const newCard = (...known: Message[]) =>
  stage.message((message) => message.embeds.length > 0 && !known.some(({ id }) => id === message.id));

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

test('Vary: one price for all, a seed each, one paid call each', async () => {
  stage.holdJobs();
  await stage.startBot();
  const first = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.card('Confirm ·');
  await stage.ada.press(first, 'Confirm');
  await finishAll(stage);
  await stage.card('✅');
  const form = formOf(await stage.ada.press(first, 'Vary'));
  for (const variants of ['0', '5', 'two']) {
    const refused = messageOf(await stage.ada.submit(stage.channel, form, { variants }, first));
    expect(refused.content).toBe(`I cannot make “${variants}” variants. Ask for 1 to 4. Nothing was spent.`);
  }
  const second = messageOf(await stage.ada.submit(stage.channel, form, { variants: '3' }, first));
  await stage.card('Confirm · 21 credits');
  await stage.ada.press(second, 'Confirm');
  await stage.job(4);
  await finishAll(stage);
  await stage.discord.world.until(() => second.attachments.length === 3, 'three pictures');
  const jobs = [...stage.kubeez.platform.jobs.values()].slice(1);
  expect(new Set(jobs.map(({ seed }) => seed)).size).toBe(3);
  expect(stage.paid()).toBe(4);
  // Going on from several results: one is picked.
  const animate = formOf(await stage.ada.press(second, 'Animate'));
  expect(animate.components).toHaveLength(3);
});

test.skipIf(generation === 'newer')(
  'Vary: a start that is refused, or whose answer is lost, does not sink those that began',
  async () => {
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
  },
);

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
  expect(labels(more)).toEqual(['Edit', 'Delete…']);
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

test('Caption and Separate: from a clip or a song, at once, priced by the length the platform told', async () => {
  await stage.startBot();
  const clip = await made('video', { prompt: 'a ship', model: 'wan-2-5' });
  await stage.ada.press(clip, 'Caption');
  const captions = await newCard(clip);
  await confirmed(captions);
  const endings = captions.attachments.map(({ filename }) => filename.split('.').at(-1));
  expect(endings).toEqual(generation === 'newer' ? ['mp4'] : ['srt', 'vtt', 'txt']);

  const music = await made('music', { prompt: 'rain' });
  const form = formOf(await stage.ada.press(music, 'Separate'));
  const parts = messageOf(await stage.ada.submit(stage.channel, form, { file: '1' }, music));
  await stage.discord.world.until(() => labels(parts).some((label) => label.startsWith('Confirm')), 'a price');
  await stage.ada.press(parts, 'Confirm');
  await stage.discord.world.until(() => textOf(parts).includes('ready <t:'), 'a running job');
  stage.clock.advance(21_000);
  await stage.discord.world.until(() => parts.attachments.length === 2, 'two parts');
  expect([...stage.kubeez.platform.jobs.values()].at(-1)?.arguments.media_url).toMatch(/-2\.mp3$/);
});

test('Edit prompt of songs and speeches shows their own forms', async () => {
  await stage.startBot();
  const speech = await made('speech', { text: 'Good morning.', voice: 'Paul' });
  const form = formOf(await stage.ada.press(speech, 'Edit prompt'));
  const again = messageOf(await stage.ada.submit(stage.channel, form, { text: 'Good evening.' }, speech));
  await confirmed(again);
  expect(spokenIn(await stage.job(2))).toEqual([{ voice: 'Paul', text: 'Good evening.' }]);
  const music = await made('music', { prompt: 'rain' });
  const songs = formOf(await stage.ada.press(music, 'Edit prompt'));
  const sun = messageOf(await stage.ada.submit(stage.channel, songs, { prompt: 'sun' }, music));
  expect(textOf(sun)).toContain('> sun');
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
  expect(broken.content).toContain('too old');
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

test('Fresh link: the addresses as they are now, for whoever asks', async () => {
  Object.assign(stage.kubeez.platform.settings, { padding: 11 * 1024 * 1024, smallerPadding: 11 * 1024 * 1024 });
  await stage.startBot();
  const first = await made('image', { prompt: 'a fox', model: 'nano-banana' });
  expect(labels(first)).toEqual(['Again', 'Edit prompt', 'Fresh link', 'Vary', '⋯']);
  const answer = messageOf(await stage.ben.press(first, 'Fresh link'));
  await stage.discord.world.until(() => answer.content.includes('/images/'), 'the link');
  expect(answer.ephemeralFor).toBe(stage.ben.user.id);
});
