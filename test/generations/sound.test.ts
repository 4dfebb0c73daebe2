import { describe, expect, test } from 'vitest';
import { linesOf } from '../../playground/discord/forms.ts';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { film, tune } from '../../playground/props.ts';
import { finishAll, formOf, generations, messageOf, spokenIn, textOf, useStage } from '../stage.ts';

describe.each(generations)('on the %s tools', (generation) => {
  const stage = useStage(generation);

  /** Uses a command, confirms its price, and gives the card. */
  async function confirmed(name: string, values: Parameters<typeof stage.ada.command>[2]): Promise<Message> {
    const card = messageOf(await stage.ada.command(stage.channel, name, values));
    await stage.card('Confirm ·');
    await stage.ada.press(card, 'Confirm');
    return card;
  }

  const names = (card: Message) => card.attachments.map(({ filename }) => filename);

  test('/music: two songs with title and cover, never the unfinished stream', async () => {
    stage.holdJobs();
    await stage.startBot();
    const card = await confirmed('music', { prompt: 'rain on a tin roof', instrumental: true });
    expect(textOf(card)).toContain('V5\\_5');
    const job = await stage.job();
    // The stream is there before the songs are.
    const { reads } = stage.kubeez.platform;
    const before = reads.length;
    await stage.discord.world.until(() => reads.length > before + 5, 'some polls');
    expect(card.attachments).toEqual([]);
    stage.kubeez.platform.finish(job.id);
    await stage.card('✅');
    expect(job.arguments).toMatchObject({ prompt: 'rain on a tin roof', instrumental: true });
    expect(names(card).map((name) => name.replace(/-\w{8}/, ''))).toEqual([
      'rain-on-a-tin-roof-1.mp3',
      'rain-on-a-tin-roof-1-cover.png',
      'rain-on-a-tin-roof-2.mp3',
      'rain-on-a-tin-roof-2-cover.png',
    ]);
    expect(card.attachments[0]).toMatchObject({ content_type: 'audio/mpeg' });
  });

  test('/music custom: a form, its rules checked before anything is sent, and the note of the platform', async () => {
    await stage.startBot();
    const { ada, channel } = stage;
    const form = formOf(await ada.command(channel, 'music', { custom: true }));
    expect(form.components).toHaveLength(5);
    const song = { title: 'Tin Roof', style: 'slow folk', voice: 'f', avoid: 'drums' };
    const lyrics = 'Rain on the roof\nRain in my hair';
    for (const [words, sentence] of [
      ['Lyrics：la la\nDescription: a sad song', 'Give lyrics or a description, not both'],
      ['   ', 'Write the lyrics, or describe the song'],
    ] as const) {
      const refused = messageOf(await ada.submit(channel, form, { ...song, words }));
      expect(refused).toMatchObject({ ephemeralFor: ada.user.id, content: expect.stringContaining(sentence) });
    }
    const sung = messageOf(await ada.submit(channel, form, { ...song, words: lyrics }));
    await stage.card('Confirm · 19 credits');
    expect(textOf(sung)).toContain('“Tin Roof” · slow folk');
    await ada.press(sung, 'Confirm');
    await stage.card('✅');
    expect((await stage.job()).arguments).toMatchObject({
      title: 'Tin Roof',
      style: 'slow folk',
      vocal_gender: 'f',
      lyrics,
      negative_tags: 'drums',
    });
    expect(sung.attachments[0]?.filename).toMatch(/^tin-roof-1-\w{8}\.mp3$/);

    const described = messageOf(await ada.submit(channel, form, { ...song, words: 'A song about rain' }));
    await stage.card('Confirm · 19 credits');
    await ada.press(described, 'Confirm');
    await stage.discord.world.until(() => textOf(described).includes('✅'), 'the second song');
    expect(textOf(described)).toContain('A description drives a song in simple mode');
  });

  test('/music custom with instrumental: nobody sings, so there are no lyrics', async () => {
    await stage.startBot();
    const form = formOf(await stage.ada.command(stage.channel, 'music', { custom: true, instrumental: true }));
    const fields = { title: 'Roof', style: 'piano', words: 'one\ntwo' };
    const refused = messageOf(await stage.ada.submit(stage.channel, form, fields));
    expect(refused.content).toContain('Instrumental music has no lyrics');
  });

  test('/speech: a voice reads a text', async () => {
    await stage.startBot();
    const choices = await stage.ada.suggestions(stage.channel, 'speech', 'voice', 'ra');
    expect(choices?.map(({ name }) => name)).toContain('Rachel');
    const languages = await stage.ada.suggestions(stage.channel, 'speech', 'language', 'germ');
    expect(languages).toEqual([{ name: 'German', value: 'de' }]);
    const card = await confirmed('speech', { text: 'Good morning, everybody.', voice: 'rachel', language: 'de' });
    await stage.card('✅');
    expect(spokenIn(await stage.job())).toEqual([{ text: 'Good morning, everybody.', voice: 'Rachel' }]);
    expect((await stage.job()).arguments.language_code).toBe('de');
    expect(names(card)[0]).toMatch(/^good-morning-everybody-\w{8}\.mp3$/);
  });

  test('/speech without a text: a form, also for several speakers', async () => {
    await stage.startBot();
    const { ada, channel } = stage;
    const form = formOf(await ada.command(channel, 'speech', { language: 'en' }));
    const text = 'Rachel: Is it still raining?\n\nPaul：It is.\nRachel: Good.';
    const card = messageOf(await ada.submit(channel, form, { text }));
    await stage.card('Confirm ·');
    await ada.press(card, 'Confirm');
    await stage.card('✅');
    const lines = [
      { voice: 'Rachel', text: 'Is it still raining?' },
      { voice: 'Paul', text: 'It is.' },
      { voice: 'Rachel', text: 'Good.' },
    ];
    // A tool that takes one text gets the lines with their speakers.
    const tagged = [{ text: lines.map((line) => `${line.voice}: ${line.text}`).join('\n') }];
    expect(spokenIn(await stage.job())).toEqual(generation === 'newer' ? tagged : lines);
    const refused = messageOf(await ada.submit(channel, form, { text: 'Rachel: Hello.\nBob: Hello.' }));
    expect(refused.content).toContain('There is no voice “Bob”. Pick one from the list, such as Rachel');
  });

  test('/separate: an attachment goes to the platform by itself, and comes back in two', async () => {
    await stage.startBot();
    const card = await confirmed('separate', { file: tune('My Song.mp3') });
    expect(stage.ada.directMessages()).toEqual([]);
    // A separation does not say how long it takes: the row does.
    await stage.card('ready <t:');
    stage.clock.advance(21_000);
    await stage.card('✅');
    expect(names(card).map((name) => name.replace(/-\w{8}\./, '.'))).toEqual([
      'my-song-vocals.mp3',
      'my-song-instrumental.mp3',
    ]);
    const [file] = [...stage.kubeez.platform.uploads.values()].flatMap(({ files }) => files);
    expect(file).toMatchObject({ name: 'My Song.mp3', mime_type: 'audio/mpeg' });
  });

  test('/separate on a server that takes no files from programs: the link, with a word why', async () => {
    stage.kubeez.platform.settings.directUploads = false;
    await stage.startBot();
    const file = tune('song.mp3');
    await stage.ada.command(stage.channel, 'separate', { file });
    await stage.card('Kubeez could not take your file from Discord. Upload it with the link.');
    await stage.discord.world.until(() => stage.ada.directMessages().at(-1), 'a DM');
  });

  test.skipIf(generation === 'newer')(
    '/captions: the call itself waits; captions for players and a transcript',
    async () => {
      stage.holdJobs();
      await stage.startBot();
      const file = await film('interview.mp4');
      const card = await confirmed('captions', { file, language: 'English' });
      await stage.card('Kubeez has been working on this since <t:');
      await finishAll(stage);
      await stage.card('✅');
      expect(names(card).map((name) => name.replace(/-\w{8}\./, '.'))).toEqual([
        'interview.srt',
        'interview.vtt',
        'interview.txt',
      ]);
      const texts = card.attachments.map(({ id }) => String(stage.discord.world.files.get(id)?.data));
      expect(texts[0]).toMatch(/^1\r?\n00:00:00,400 --> 00:00:\d\d,\d{3}\r?\nWelcome to the studio\./);
      expect(texts[1]).toMatch(/^WEBVTT/);
      expect(texts[2]).toContain('It comes from the left'.toLowerCase());
      for (const line of texts[0]?.split(/\r?\n/) ?? []) expect(line.length).toBeLessThanOrEqual(50);
      expect((await stage.job()).arguments).toMatchObject({ language: 'en' });
      expect(buttonsOf(card).map(({ label }) => label)).toEqual(['Again', '⋯']);
    },
  );

  test('/captions on a server that answers with the finished video', async () => {
    stage.kubeez.platform.settings.captionsAs = 'video';
    await stage.startBot();
    const file = await film('interview.mp4');
    const card = await confirmed('captions', { file });
    await stage.card('✅');
    expect(names(card)[0]).toMatch(/^interview-\w{8}\.mp4$/);
  });

  test('/captions: ten minutes without an answer, or a broken one, end in Check and Start again, never in a second call', async () => {
    stage.kubeez.faults.push({ tool: /generate_captions/, how: 'lost', times: 1 });
    await stage.startBot();
    const file = await film('interview.mp4');
    const card = await confirmed('captions', { file });
    await stage.cardInTime('its answer was lost');
    expect(buttonsOf(card).map(({ label }) => label)).toEqual(['Check', 'Start again · new price']);
    expect(stage.paid()).toBe(1);
  });

  test('/captions: a restart while the call waits', async () => {
    stage.holdJobs();
    const first = await stage.startBot();
    const file = await film('interview.mp4');
    await confirmed('captions', { file });
    await stage.job();
    await first.stop(10);
    await stage.startBot();
    await stage.cardInTime('its answer was lost');
    expect(stage.paid()).toBe(1);
  });

  test('the form of a speech says which voices there are, and lets one pick', async () => {
    stage.kubeez.platform.row('text-to-dialogue-v3').voice_allowlist?.push('Zoe', 'Yara');
    await stage.startBot();
    const form = formOf(await stage.ada.command(stage.channel, 'speech', { voice: 'yara' }));
    const voice = linesOf(form).find(({ id }) => id === 'voice');
    expect(voice?.choices?.map(({ label }) => label).slice(0, 3)).toEqual(['Any voice', 'Yara', 'Rachel']);
    expect(voice).toMatchObject({ value: 'Yara', description: expect.stringContaining('There are 4 more') });
    const picked = messageOf(await stage.ada.submit(stage.channel, form, { text: 'Good morning.', voice: 'Drew' }));
    await stage.discord.world.until(() => textOf(picked).includes('Drew'), 'the voice');
    const any = messageOf(await stage.ada.submit(stage.channel, form, { text: 'Good morning.', voice: '-' }));
    await stage.discord.world.until(() => textOf(any).includes('Good morning.'), 'the card');
    expect(textOf(any)).not.toContain('Yara');
  });
});
