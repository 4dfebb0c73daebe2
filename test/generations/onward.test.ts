import { describe, expect, test } from 'vitest';
import { makingOn } from '../making.ts';
import { finishAll, formOf, generations, labels, messageOf, spokenIn, textOf, useStage } from '../stage.ts';

describe.each(generations)('on the %s tools', (generation) => {
  const stage = useStage(generation);

  const { made, confirmed, newCard } = makingOn(stage);

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
      expect(refused.content).toBe(`I cannot make “${variants}” variants. Ask for 1 to 4. Nothing was spent. (KD-217)`);
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

  test('Fresh link: the addresses as they are now, for whoever asks', async () => {
    Object.assign(stage.kubeez.platform.settings, { padding: 11 * 1024 * 1024, smallerPadding: 11 * 1024 * 1024 });
    await stage.startBot();
    const first = await made('image', { prompt: 'a fox', model: 'nano-banana' });
    expect(labels(first)).toEqual(['Again', 'Edit prompt', 'Fresh link', 'Vary', '⋯']);
    const answer = messageOf(await stage.ben.press(first, 'Fresh link'));
    await stage.discord.world.until(() => answer.content.includes('/images/'), 'the link');
    expect(answer.ephemeralFor).toBe(stage.ben.user.id);
  });
});
