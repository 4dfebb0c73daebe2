import { describe, expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { clip, film, picture, pictureFile, tune } from '../../playground/props.ts';
import { generations, messageOf, textOf, uploadLink, uploadTo, useStage } from '../stage.ts';

describe.each(generations)('on the %s tools', (generation) => {
  const stage = useStage(generation);

  const dancer = () => picture('dancer.png');
  const dance = (seconds = 4) => film('dance.mp4', seconds);
  const voice = tune('voice.mp3', 5);
  const model = 'kling-2-6-motion-control-720p';

  /** The upload link of the newest DM. */
  const link = () => uploadLink(stage);
  const sources = async () =>
    [(await stage.job()).arguments.source_media_urls]
      .flat()
      .map((url) => decodeURIComponent(String(url).split('/').at(-1) ?? ''));

  async function confirmed(card: Message): Promise<void> {
    await stage.card('Confirm ·');
    await stage.ada.press(card, 'Confirm');
    await stage.card('✅');
  }

  test('/motion: the link names what is needed and in which order; files are put right whatever order they came in', async () => {
    await stage.startBot();
    const card = messageOf(await stage.ada.command(stage.channel, 'motion', { prompt: 'she dances', model }));
    await stage.card('Waiting for 1 image, then 1 video of 3 to 30 s');
    await uploadTo(await link(), ['dance.mp4', await clip(4)]);
    await stage.card('dance.mp4');
    expect(buttonsOf(card).map(({ label }) => label)).toEqual(['Done', 'Show link', 'Cancel']);
    await uploadTo(await link(), ['dancer.png', await pictureFile()]);
    await confirmed(card);
    expect(await sources()).toEqual(['dancer.png', 'dance.mp4']);
    expect(card.attachments[0]).toMatchObject({ content_type: 'video/mp4' });
  });

  test('/motion with both files attached: they go to the platform by themselves', async () => {
    await stage.startBot();
    const files = { video: await dance(), image: await dancer() };
    const card = messageOf(await stage.ada.command(stage.channel, 'motion', { prompt: 'she dances', ...files }));
    await confirmed(card);
    expect(stage.ada.directMessages()).toEqual([]);
    expect(await sources()).toEqual(['dancer.png', 'dance.mp4']);
  });

  test('/motion with one of two files: the link asks for the other', async () => {
    await stage.startBot();
    const card = messageOf(await stage.ada.command(stage.channel, 'motion', { prompt: 'x', image: await dancer() }));
    await stage.card('dancer.png');
    await uploadTo(await link(), ['dance.mp4', await clip(4)]);
    await confirmed(card);
    expect(await sources()).toEqual(['dancer.png', 'dance.mp4']);
  });

  test('/motion: a clip that is too short is said at once, with what is needed, and costs nothing', async () => {
    await stage.startBot();
    await stage.ada.command(stage.channel, 'motion', { prompt: 'x', image: await dancer(), video: await dance(2) });
    await stage.card(
      '“dance.mp4” is 2 s long, but Kling 2.6 Motion Control 720p needs 1 image, then 1 video of 3 to 30 s.',
    );
    expect(stage.paid()).toBe(0);
  });

  test('files that the platform has not measured are waited for; those it cannot read are named, with formats that work', async () => {
    stage.kubeez.platform.settings.measureLag = 60_000;
    await stage.startBot();
    const card = messageOf(await stage.ada.command(stage.channel, 'motion', { prompt: 'x', model }));
    await stage.card('Waiting for 1 image');
    const first = await link();
    await uploadTo(first, ['dancer.png', await pictureFile()], ['dance.mp4', await clip(4)]);
    await stage.card('Kubeez is still measuring these files. This goes on by itself.');
    expect(buttonsOf(card).map(({ label }) => label)).toEqual(['Done', 'Show link', 'Cancel']);
    stage.clock.advance(61_000);
    await stage.card('Confirm ·');

    stage.kubeez.platform.settings.measureLag = 0;
    await stage.ada.command(stage.channel, 'motion', { prompt: 'y', model });
    await stage.card('Waiting for 1 image');
    const broken = (await clip(4)).subarray(0, 60);
    await uploadTo(await uploadLink(stage, first), ['broken.mp4', broken]);
    await stage.card('Kubeez cannot read “broken.mp4”.');
    await stage.card('PNG, JPEG, WebP, plain MP4 and MOV work.');
  });

  test('/lipsync: an image and a sound, priced by the length that was measured', async () => {
    await stage.startBot();
    const files = { audio: voice, image: await dancer() };
    const card = messageOf(
      await stage.ada.command(stage.channel, 'lipsync', { prompt: 'she sings', model: 'p-video', ...files }),
    );
    await stage.card('exact price for this job');
    const [seconds] = [...stage.kubeez.platform.uploads.values()].flatMap((session) =>
      session.files.flatMap((file) => file.duration_seconds ?? []),
    );
    expect(textOf(card)).toContain(`**${Math.round((seconds ?? 0) * 4 * 100) / 100} credits**`);
    // Its length is that of the sound, not the shortest that the model offers for other clips.
    expect(textOf(card)).toContain(`> · ${Math.round((seconds ?? 0) * 10) / 10} s ·`);
    expect(textOf(card)).not.toMatch(/ · 1s/);
    await confirmed(card);
    expect(await sources()).toEqual(['dancer.png', 'voice.mp3']);
  });

  test('a restart while a motion job runs', async () => {
    stage.holdJobs();
    const first = await stage.startBot();
    const files = { video: await dance(), image: await dancer() };
    const card = messageOf(await stage.ada.command(stage.channel, 'motion', { prompt: 'she dances', model, ...files }));
    await stage.card('Confirm ·');
    await stage.ada.press(card, 'Confirm');
    const job = await stage.job();
    await first.stop();
    await stage.startBot();
    stage.kubeez.platform.finish(job.id);
    expect((await stage.card('✅')).id).toBe(card.id);
    expect(stage.paid()).toBe(1);
  });

  test('a model of another kind is refused, with one that fits', async () => {
    await stage.startBot();
    const answer = messageOf(await stage.ada.command(stage.channel, 'motion', { prompt: 'x', model: 'nano-banana' }));
    expect(answer.content).toMatch(
      /There is no model “nano-banana” for \/motion. Pick one from the list, such as .*Motion Control/,
    );
  });

  test('sound is always said, also when nobody spoke of it: a server’s own default could cost more', async () => {
    await stage.startBot();
    const card = messageOf(
      await stage.ada.command(stage.channel, 'video', { prompt: 'a ship', model: 'kling-3-0-std' }),
    );
    await stage.card('Confirm ·');
    await stage.ada.press(card, 'Confirm');
    expect((await stage.job()).arguments.sound).toBe(false);
  });
});
