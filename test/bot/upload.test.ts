import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { clip, pictureFile } from '../../playground/props.ts';
import { step } from '../../src/flows/step.ts';
import { someSession, someUploadFlow } from '../flows.ts';
import { labels, messageOf, textOf, uploadLink, uploadTo, useStage } from '../stage.ts';

const stage = useStage();

/** Starts an edit and gives its card and the link from the DM. */
async function startEdit(model: string): Promise<{ card: Message; link: string }> {
  const card = messageOf(await stage.ada.command(stage.channel, 'edit', { prompt: 'make it night', model }));
  return { card, link: await uploadLink(stage) };
}

test('the link comes by DM, verbatim and alone; the flow goes on by itself at the most the model takes', async () => {
  await stage.startBot();
  const { card, link } = await startEdit('qwen-image-to-image');
  const [session] = stage.kubeez.platform.uploads.values();
  expect(link).toBe(`${stage.kubeez.platform.origin}/upload/${session?.token}`);
  await stage.card('The link is in your DMs and works until');
  expect(textOf(card)).toContain('Waiting for 1 image');
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
  await stage.card('Waiting for 1 to 10 images');
  expect(labels(card)).toEqual(['Done', 'Show link', 'Cancel']);
  await uploadTo(link, ['one.png', await pictureFile('one')], ['two.png', await pictureFile('two')]);
  await stage.card('two.png');
  expect(textOf(card)).toMatch(/one\.png · 64 × 64 · \d+ kB ✓/);
  expect(labels(card)).toEqual(['Done · 2 images', 'Show link', 'Cancel']);
  await stage.ada.press(card, 'Done');
  await stage.card('2 files');
  await stage.card('Confirm · 7');
});

test('a wrong kind and too many files are said at once, with what is needed, and can be mended', async () => {
  await stage.startBot();
  const { card, link } = await startEdit('qwen-image-to-image');
  await uploadTo(link, ['clip.mp4', await clip(2)]);
  await stage.card('“clip.mp4” is a video, but Qwen Image To Image needs 1 image.');
  expect(buttonsOf(card)[0]).toMatchObject({ label: 'Done', disabled: true });
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
  await stage.card('I sent you the link privately, here.');
});

test('the link can be had again, by its requester only', async () => {
  await stage.startBot();
  const { card, link } = await startEdit('nano-banana-edit');
  await stage.card('in your DMs');
  const again = messageOf(await stage.ada.press(card, 'Show link'));
  expect(again).toMatchObject({ content: link, ephemeralFor: stage.ada.user.id });
  const refused = messageOf(await stage.ben.press(card, 'Show link'));
  expect(refused.content).not.toContain('/upload/');
});

test('nobody uploads: the flow ends after half an hour', async () => {
  await stage.startBot();
  await startEdit('nano-banana-edit');
  await stage.card('in your DMs');
  stage.clock.advance(31 * 60_000);
  await stage.card('The files did not arrive in time. Nothing was spent.');
});

test('the session is read every poll, and less often after three minutes', () => {
  const upload = { session: { ...someSession, sentBy: 'dm' as const } };
  const flow = someUploadFlow({ upload, wait: { nextCheckAt: 0, giveUpAt: 1_800_000 } });
  const pause = (now: number) => (step(flow, { type: 'woke' }, now, 5000).flow.wait.nextCheckAt ?? 0) - now;
  expect(pause(10_000)).toBe(5000);
  expect(pause(179_000)).toBe(5000);
  expect(pause(181_000)).toBe(20_000);
});

test('an upload link that Kubeez no longer knows ends the flow with a sentence', async () => {
  await stage.startBot();
  await startEdit('nano-banana-edit');
  await stage.card('in your DMs');
  stage.kubeez.platform.uploads.clear();
  await stage.card('The upload link no longer works. Start again to get a new one. Nothing was spent.');
});

/** What the bot wrote to Ada alone, in the channel. */
const whispers = () =>
  stage.discord.world
    .messagesIn(stage.channel.id, stage.ada.user.id)
    .filter(({ ephemeralFor }) => ephemeralFor === stage.ada.user.id);

test('the DM before the link says what it is for, until when and what to do, and leads to the card', async () => {
  await stage.startBot();
  const { card, link } = await startEdit('nano-banana-edit');
  const [explained, alone] = stage.ada.directMessages();
  expect(explained?.content).toMatch(
    new RegExp(
      `^Upload 1 to 10 images for /edit in <#${stage.channel.id}>\\.\\nThe link below is only for you and works until <t:\\d+:t>\\. When everything is there, press \\*\\*Done\\*\\* on the card\\. This goes on by itself only with 10 images\\.$`,
    ),
  );
  const [open] = explained ? buttonsOf(explained) : [];
  expect(open).toMatchObject({
    label: 'Open the card',
    url: `https://discord.com/channels/${stage.guild.id}/${stage.channel.id}/${card.id}`,
  });
  expect(alone).toMatchObject({ content: link, components: [], embeds: [] });
  expect(stage.ada.directMessages()).toHaveLength(2);
  await stage.card('press **Done** on the card. This goes on by itself only with 10 images.');
});

test('who may not see DMs of bots is told where the link is, and can have it shown in the channel', async () => {
  await stage.startBot();
  const { card, link } = await startEdit('nano-banana-edit');
  const told = await stage.message(({ content }) => content === 'The upload link is in your DMs.');
  expect(told.ephemeralFor).toBe(stage.ada.user.id);
  const shown = messageOf(await stage.ada.press(told, 'Show it here'));
  expect(shown).toMatchObject({ content: link, ephemeralFor: stage.ada.user.id });
  await stage.ada.press(card, 'Cancel');
  await stage.card('Cancelled.');
  const late = messageOf(await stage.ada.pressRaw(told, buttonsOf(told)[0]?.custom_id ?? ''));
  expect(late.content).toBe('This upload is over: no more files are needed.');
});

test('killed between the two DMs: the link follows, and nothing is said twice', async () => {
  const bot = await stage.startBot();
  await stage.ada.command(stage.channel, 'edit', { prompt: 'make it night', model: 'nano-banana-edit' });
  await stage.discord.world.until(() => stage.ada.directMessages().length === 1, 'the first DM');
  const dm = stage.discord.world.dmWith(stage.ada.user).id;
  stage.discord.api.faults.push({ match: new RegExp(`^POST /channels/${dm}/messages`), answer: 'hang', times: 1 });
  await bot.stop(1100);
  expect(stage.ada.directMessages()).toHaveLength(1);
  const next = await stage.startBot();
  const link = await uploadLink(stage);
  await stage.message(({ content }) => content === 'The upload link is in your DMs.');
  expect(stage.ada.directMessages().map(({ content }) => content)).toEqual([
    expect.stringMatching(/^Upload 1 to/),
    link,
  ]);
  await next.stop();
  await stage.startBot();
  expect(whispers()).toHaveLength(1);
});

test('Discord’s answer to a DM is lost: it is not sent twice, and the link follows it', async () => {
  await stage.startBot();
  stage.discord.api.faults.push({ match: /^POST .*messages$/, answer: 'cut', takesEffect: true, times: 1 });
  await stage.ada.command(stage.channel, 'edit', { prompt: 'make it night', model: 'nano-banana-edit' });
  const link = await uploadLink(stage);
  await stage.card('The link is in your DMs');
  expect(stage.ada.directMessages().map(({ content }) => content)).toEqual([
    expect.stringMatching(/^Upload 1 to/),
    link,
  ]);
});

test.each([
  ['is cancelled', 'it was cancelled. Files added now are not used. Nothing was spent.'],
  ['is not used', 'the files did not arrive in time. Files added now are not used. Nothing was spent.'],
  ['has all it needs', 'the files are there. Files added now are not used.'],
])('an upload that %s: the link goes, and the DM and the card say that it is over', async (how, why) => {
  await stage.startBot();
  const { card, link } = await startEdit('qwen-image-to-image');
  await stage.card('The link is in your DMs');
  if (how === 'is cancelled') await stage.ada.press(card, 'Cancel');
  else if (how === 'is not used') stage.clock.advance(31 * 60_000);
  else await uploadTo(link, ['cat.png', await pictureFile()]);
  const over = `The upload for /edit is over: ${why}`;
  await stage.discord.world.until(() => stage.ada.directMessages().some(({ content }) => content === over), over);
  expect(stage.ada.directMessages().map(textOf)).toHaveLength(1);
  await stage.discord.world.until(() => textOf(card).includes('files added now are not used.'), 'a word on the card');
});
