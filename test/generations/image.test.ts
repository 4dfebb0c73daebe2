import { describe, expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import { picture } from '../../playground/props.ts';
import { generations, messageOf, textOf, useStage } from '../stage.ts';

describe.each(generations)('on the %s tools', (generation) => {
  const stage = useStage(generation);

  test('a picture: price, Confirm, result on the same card', async () => {
    await stage.startBot();
    const { ada, channel } = stage;
    const card = messageOf(
      await ada.command(channel, 'image', { prompt: 'a fox in snow', model: 'nano-banana', aspect: '16:9' }),
    );
    await stage.card('7 credits');
    expect(textOf(card)).toContain('fixed price');
    expect(textOf(card)).toContain('993 left after this');
    expect(stage.paid()).toBe(0);
    expect(buttonsOf(card).map((button) => button.label)).toEqual([
      'Confirm · 7 credits',
      'Edit prompt',
      'Change model',
      'Cancel',
    ]);

    await ada.press(card, 'Confirm');
    const done = await stage.card('✅');
    expect(done.id).toBe(card.id);
    expect(textOf(done)).toMatch(/✅ 7 credits · \d+ s · seed/);
    expect(buttonsOf(done).map(({ label }) => label)).toEqual(['Again', 'Edit prompt', 'Vary', 'Animate', '⋯']);
    expect(stage.paid()).toBe(1);
    const [file] = done.attachments;
    expect(file).toMatchObject({ content_type: 'image/png', description: 'a fox in snow' });
    expect(file?.filename).toMatch(/^a-fox-in-snow-\w{8}\.png$/);
  });

  test('Cancel costs nothing', async () => {
    await stage.startBot();
    const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
    await stage.card('Confirm');
    await stage.ada.press(card, 'Cancel');
    await stage.card('Cancelled. Nothing was spent.');
    expect(buttonsOf(card).map(({ label }) => label)).toEqual(['Edit prompt', 'Again']);
    expect(stage.paid()).toBe(0);
  });

  test('without a model the cheapest is taken, and later the one most used in this server', async () => {
    // What the server picks would go before both.
    stage.kubeez.platform.settings.withdrawn.push('pick_model');
    await stage.startBot();
    const { ada, channel } = stage;
    await ada.command(channel, 'image', { prompt: 'one' });
    const first = await stage.card('Z Image');
    await stage.card('Confirm');
    await ada.press(first, 'Cancel');
    const second = messageOf(await ada.command(channel, 'image', { prompt: 'two', model: 'imagen-4' }));
    await stage.card('Confirm · 13');
    await ada.press(second, 'Confirm');
    await stage.card('✅');
    const third = messageOf(await ada.command(channel, 'image', { prompt: 'three' }));
    expect(textOf(third)).toContain('Imagen 4');
  });

  test('a clip: the price comes from the estimate, every option reaches the platform', async () => {
    await stage.startBot();
    const { ada, channel } = stage;
    const card = messageOf(
      await ada.command(channel, 'video', {
        prompt: 'a ship in fog',
        model: 'kling-3-0-pro',
        duration: '3s',
        aspect: '16:9',
        sound: true,
        negative: 'people',
        seed: 7,
      }),
    );
    await stage.card('Confirm · 75 credits');
    expect(textOf(card)).toContain('exact price for this job');
    await ada.press(card, 'Confirm');
    const done = await stage.card('✅');
    expect(done.attachments[0]).toMatchObject({ content_type: 'video/mp4' });
    expect((await stage.job()).arguments).toEqual({
      prompt: 'a ship in fog',
      model: 'kling-3-0-pro',
      generation_type: 'text-to-video',
      duration: '3s',
      aspect_ratio: '16:9',
      sound: true,
      negative_prompt: 'people',
      seed: 7,
    });
  });

  test('a priced tier is asked for, not read off the list', async () => {
    await stage.startBot();
    await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'gpt-image-2', resolution: '4K' });
    expect(textOf(await stage.card('Confirm'))).toContain('52 credits');
  });

  test('an attachment stands in for the upload', async () => {
    await stage.startBot();
    const { ada, channel } = stage;
    const image = await picture();
    const card = messageOf(
      await ada.command(channel, 'animate', { prompt: 'it blinks', model: 'kling-2-6-image-to-video-5s', image }),
    );
    await stage.card('Confirm · 90 credits');
    expect(ada.directMessages()).toEqual([]);
    await ada.press(card, 'Confirm');
    await stage.card('✅');
    expect((await stage.job()).arguments.source_media_urls).toEqual([expect.stringContaining('/cat.png?ex=')]);
  });

  test('commands work in a DM with the bot', async () => {
    await stage.startBot();
    const dm = stage.discord.world.dmWith(stage.ada.user);
    const card = messageOf(await stage.ada.command(dm, 'image', { prompt: 'a fox', model: 'z-image' }));
    await stage.card('Confirm', dm);
    await stage.ada.press(card, 'Confirm');
    expect((await stage.card('✅', dm)).attachments).toHaveLength(1);
  });

  test('/help answers the person alone', async () => {
    await stage.startBot();
    const answer = messageOf(await stage.ada.command(stage.channel, 'help'));
    expect(answer.ephemeralFor).toBe(stage.ada.user.id);
    expect(textOf(answer)).toContain('never spend a credit that you have not confirmed');
  });
});
