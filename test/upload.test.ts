import { expect, test } from 'vitest';
import { buttonsOf } from '../playground/discord/person.ts';
import type { Message } from '../playground/discord/world.ts';
import { mp4 } from '../playground/kubeez/media.ts';
import { step } from '../src/flows/step.ts';
import { someUploadFlow } from './flows.ts';
import { messageOf, pictureFile, textOf, uploadTo, useStage } from './stage.ts';

const stage = useStage();
const labels = (message: Message) => buttonsOf(message).map((button) => button.label);

/** Starts an edit and gives its card and the link from the DM. */
async function startEdit(model: string): Promise<{ card: Message; link: string }> {
  const card = messageOf(await stage.ada.command(stage.channel, 'edit', { prompt: 'make it night', model }));
  const [dm] = await stage.discord.world.until(() => {
    const messages = stage.ada.directMessages();
    return messages.length > 0 && messages;
  }, 'a DM');
  return { card, link: dm?.content ?? '' };
}

test('the link comes by DM, verbatim and alone; the flow goes on by itself at the most the model takes', async () => {
  await stage.startBot();
  const { card, link } = await startEdit('qwen-image-to-image');
  const [session] = stage.kubeez.platform.uploads.values();
  expect(link).toBe(`${stage.kubeez.platform.origin}/upload/${session?.token}`);
  await stage.card('The upload link is in your DMs');
  expect(textOf(card)).toContain('It needs 1 image');
  await uploadTo(link, ['cat.png', await pictureFile()]);
  await stage.card('Confirm · 10');
  await stage.ada.press(card, 'Confirm');
  const done = await stage.card('✅');
  expect(done.attachments).toHaveLength(1);
  const uploaded = `${stage.kubeez.platform.origin}${session?.files[0]?.url}`;
  expect((await stage.job()).arguments.source_media_urls).toEqual([uploaded]);
  // The link is a key: it stands in no channel and in no line of the log.
  const said = stage.discord.world.messagesIn(stage.channel.id).map(textOf).join();
  expect(said).not.toContain('/upload/');
  expect(stage.log.join('')).not.toContain(session?.token);
});

test('Done goes on with what is there, once that is enough', async () => {
  await stage.startBot();
  const { card, link } = await startEdit('nano-banana-edit');
  await stage.card('It needs 1 to 10 images');
  expect(labels(card)).toEqual(['Get link', 'Cancel']);
  await uploadTo(link, ['one.png', await pictureFile('one')], ['two.png', await pictureFile('two')]);
  await stage.card('two.png');
  expect(textOf(card)).toMatch(/✔️ one\.png \(\d+ KB\)/);
  expect(labels(card)).toEqual(['Done', 'Get link', 'Cancel']);
  await stage.ada.press(card, 'Done');
  await stage.card('2 files');
  await stage.card('Confirm · 7');
});

test('a wrong kind and too many files are said at once, with what is needed, and can be mended', async () => {
  await stage.startBot();
  const { card, link } = await startEdit('qwen-image-to-image');
  await uploadTo(link, ['clip.mp4', await mp4({ prompt: 'x', seed: 1, width: 64, height: 64 }, 2)]);
  await stage.card('“clip.mp4” is a video, but Qwen Image To Image needs 1 image.');
  expect(labels(card)).not.toContain('Done');
  const [session] = stage.kubeez.platform.uploads.values();
  await fetch(`${link}/files/${session?.files[0]?.id}`, { method: 'DELETE' });
  await uploadTo(link, ['one.png', await pictureFile('one')], ['two.png', await pictureFile('two')]);
  await stage.card('2 images arrived, but Qwen Image To Image needs 1 image.');
  await fetch(`${link}/files/${session?.files[0]?.id}`, { method: 'DELETE' });
  await stage.card('Confirm · 10');
});

test('DMs that are closed: the link comes privately in the channel', async () => {
  await stage.startBot();
  stage.ada.user.dmsOpen = false;
  await stage.ada.command(stage.channel, 'edit', { prompt: 'make it night', model: 'nano-banana-edit' });
  const whisper = await stage.message((message) => message.ephemeralFor === stage.ada.user.id);
  expect(whisper.content).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/upload\/\S+$/);
  await stage.card('The upload link was sent to you privately, here');
});

test('the link can be had again, by its requester only', async () => {
  await stage.startBot();
  const { card, link } = await startEdit('nano-banana-edit');
  await stage.card('in your DMs');
  const again = messageOf(await stage.ada.press(card, 'Get link'));
  expect(again).toMatchObject({ content: link, ephemeralFor: stage.ada.user.id });
  const refused = messageOf(await stage.ben.press(card, 'Get link'));
  expect(refused.content).not.toContain('/upload/');
});

test('nobody uploads: the flow ends after half an hour', async () => {
  await stage.startBot();
  await startEdit('nano-banana-edit');
  await stage.card('in your DMs');
  stage.clock.advance(31 * 60_000);
  await stage.card('This expired before anyone confirmed it. Nothing was spent.');
});

test('the session is read every poll, and less often after three minutes', () => {
  const upload = {
    token: 'token',
    url: 'https://upload.example/token',
    sentBy: 'dm' as const,
    startedAt: 0,
    direct: null,
    transferred: false,
  };
  const flow = someUploadFlow({ upload, nextCheckAt: 0, giveUpAt: 1_800_000 });
  const pause = (now: number) => (step(flow, { type: 'woke' }, now, 5000).flow.nextCheckAt ?? 0) - now;
  expect(pause(10_000)).toBe(5000);
  expect(pause(179_000)).toBe(5000);
  expect(pause(181_000)).toBe(20_000);
});

test('an upload link that Kubeez no longer knows ends the flow with a sentence', async () => {
  await stage.startBot();
  await startEdit('nano-banana-edit');
  await stage.card('in your DMs');
  stage.kubeez.platform.uploads.clear();
  await stage.card('The upload link is no longer valid; nothing was spent.');
});
