import { expect, test } from 'vitest';
import type { Message, Unwanted } from '../../playground/discord/world.ts';
import { formOf, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
const mebibyte = 1024 * 1024;
const image = { prompt: 'a fox in snow', model: 'nano-banana' };

const always = (what: Unwanted['what'], pattern: RegExp, status = 400, code = 20009) =>
  stage.discord.world.unwanted.push({ what, pattern, status, code, times: Number.POSITIVE_INFINITY });

async function confirmed(command = 'image', values: Record<string, string | boolean> = image): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, command, values));
  await stage.card('Confirm ·');
  await stage.ada.press(card, 'Confirm');
  return card;
}

const namesOf = (message: Message) => message.attachments.map(({ filename }) => filename);

test.each([
  ['explicit content', 400, 20009],
  ['harmful content', 400, 240000],
  ['no reason at all', 403, 0],
  ['a form field', 400, 50035],
  ['a code nobody has seen', 418, 999_999],
  ['too many of something', 400, 30015],
])('Discord refuses the file (%s): the card has a link, and says who refused it', async (_, status, code) => {
  await stage.startBot();
  always('file', /./, status, code);
  const card = await confirmed();
  const done = await stage.card('Discord refused the file. (KD-421) [Open the file](http');
  expect(done.id).toBe(card.id);
  expect(done.attachments).toEqual([]);
  expect(textOf(done)).toContain('✅');
  expect(stage.discord.world.messagesIn(stage.channel.id)).toHaveLength(1);
  expect(stage.ada.directMessages()).toEqual([]);
});

test('the bot may no longer attach files: a link on the card, in words', async () => {
  stage.holdJobs();
  await stage.startBot();
  await confirmed();
  const job = await stage.job();
  stage.channel.denied.add('AttachFiles');
  stage.kubeez.platform.finish(job.id);
  expect((await stage.card('I may not attach files here. (KD-422) [Open the file](')).attachments).toEqual([]);
});

test('one of two songs is refused: the other is there with its cover, and the card links to the first', async () => {
  await stage.startBot();
  always('file', /-1-\w{8}\.mp3$/);
  const card = await confirmed('music', { prompt: 'rain on a tin roof' });
  await stage.cardInTime('✅');
  await stage.discord.world.until(() => card.attachments.length === 1, 'the other song');
  expect(namesOf(card)).toEqual([expect.stringMatching(/-2-\w{8}\.mp3$/)]);
  expect(textOf(card).match(/Discord refused the file\. \(KD-421\) \[Open the file\]/g)).toHaveLength(1);
});

test('a cover that is refused does not cost the song its place', async () => {
  await stage.startBot();
  always('file', /-cover\./);
  const card = await confirmed('music', { prompt: 'rain on a tin roof' });
  await stage.cardInTime('✅');
  expect(namesOf(card)).toHaveLength(2);
  expect(textOf(card)).not.toContain('refused');
});

test('the link is refused as well: the card says so, and Fresh link gives it privately', async () => {
  await stage.startBot();
  always('file', /./, 400, 240000);
  always('words', /\[Open the file\]/, 400, 240000);
  const card = await confirmed();
  await stage.card('Discord refused the file and the link to it. (KD-425) Press **Fresh link** to get it privately.');
  const answer = messageOf(await stage.ada.press(card, 'Fresh link'));
  await stage.discord.world.until(() => answer.content.includes('/images/'), 'the link');
});

test('Discord refuses one file of a reply: the others of that reply arrive, and the card links to that one', async () => {
  await stage.startBot();
  stage.kubeez.platform.settings.padding = 9 * mebibyte;
  const first = await confirmed();
  await stage.discord.world.until(() => textOf(first).includes('✅'), 'the first picture');
  const form = formOf(await stage.ada.press(first, 'Vary'));
  const card = messageOf(await stage.ada.submit(stage.channel, form, { variants: '4' }, first));
  await stage.card('Confirm · 28');
  always('file', /-4-\w{8}\.png$/);
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => textOf(card).includes('✅'), 'the pictures');
  const replies = stage.discord.world.messagesIn(stage.channel.id).filter(({ replyTo }) => replyTo === card.id);
  expect(replies.map(namesOf)).toEqual([[expect.stringMatching(/-3-\w{8}\.png$/)]]);
  for (const message of [card, ...replies])
    expect(textOf(message)).toContain('Discord refused the file. (KD-421) [Open the file](');
});

test('Discord fails on these files alone (500): after some tries the card has a link', async () => {
  await stage.startBot();
  always('file', /./, 500, 0);
  await confirmed();
  const card = await stage.cardInTime('Discord refused the file. (KD-421) [Open the file](');
  expect(card.attachments).toEqual([]);
});

test('the card is gone and the file is refused: the fresh message has the link', async () => {
  stage.holdJobs();
  await stage.startBot();
  const card = await confirmed();
  const job = await stage.job();
  stage.discord.world.messages.delete(card.id);
  always('file', /./);
  stage.kubeez.platform.finish(job.id);
  const fresh = await stage.card('Discord refused the file. (KD-421) [Open the file](');
  expect(fresh.mentions).toEqual([stage.ada.user.id]);
  expect(stage.discord.world.messagesIn(stage.channel.id)).toHaveLength(1);
});

test('a redirect to an address that cannot be read: after some tries a link, and the true reason', async () => {
  await stage.startBot();
  stage.kubeez.faults.push({ tool: /^\/(images|posters)\//, how: 'astray', times: Number.POSITIVE_INFINITY });
  await confirmed();
  await stage.cardInTime('I could not download the file. (KD-423) [Open the file](');
});

test('a host that refuses for good (403): a link, and not a word of a file that is too large', async () => {
  await stage.startBot();
  stage.kubeez.faults.push({ tool: /^\/(images|posters)\//, how: 403, times: Number.POSITIVE_INFINITY });
  await confirmed();
  const card = await stage.cardInTime('I could not download the file. (KD-423) [Open the file](');
  expect(textOf(card)).not.toContain('too large');
});

test('the original cannot be had, but a smaller version can: it is attached, and the card says why', async () => {
  await stage.startBot();
  stage.kubeez.faults.push({ tool: /^\/images\/[0-9a-f-]{36}\.png$/, how: 403, times: Number.POSITIVE_INFINITY });
  await confirmed();
  const card = await stage.cardInTime(
    'I could not download the original. (KD-423) This is a smaller version. [Full size](',
  );
  expect(card.attachments).toHaveLength(1);
});

test.each(['javascript:alert(1)', 'data:text/html,hi', 'blob:https://kubeez.com/1', 'http://8.8.8.8/a.png'])(
  'an address that nobody should follow (%s) is no link: the card says that there is none',
  async (url) => {
    await stage.startBot();
    giveAddress(url);
    await confirmed();
    const card = await stage.card('There is no link to it.');
    expect(textOf(card)).not.toContain('](');
    const fresh = messageOf(await stage.ada.press(card, 'Fresh link'));
    await stage.discord.world.until(() => fresh.content !== '', 'an answer');
    expect(fresh.content).not.toContain('](');
  },
);

test('an address that cannot be read at all does not hold the flow up: the card says what is missing', async () => {
  await stage.startBot();
  giveAddress('http://[broken');
  await confirmed();
  const card = await stage.cardInTime('✅');
  expect(textOf(card)).toContain('Not there yet: file 1. Press **Fresh link** in a few minutes.');
});

test('an address cannot end its link and begin another, on the card or in a fresh link', async () => {
  await stage.startBot();
  giveAddress('https://10.0.0.1/a.png)[Free nitro](https://evil.example/?<b> [x](y)');
  const card = await confirmed('image', { ...image, prompt: 'a fox](https://evil.example)' });
  await stage.card('[Open the file](');
  const fresh = messageOf(await stage.ada.press(card, 'Fresh link'));
  await stage.discord.world.until(() => fresh.content.includes(']('), 'an answer');
  for (const text of [textOf(card), fresh.content]) {
    expect(text).not.toContain('[Free nitro]');
    expect(text).toContain(
      'https://10.0.0.1/a.png%29%5BFree%20nitro%5D%28https://evil.example/?%3Cb%3E%20%5Bx%5D%28y%29',
    );
    expect(text).not.toMatch(/(?<!\\)\]\(<?https:\/\/evil/);
  }
});

test('an address to top up that is none is left out', async () => {
  await stage.startBot();
  stage.kubeez.platform.credits = 1;
  stage.kubeez.platform.settings.topUp = 'https://kubeez.com/)[Free nitro](https://evil.example)';
  await stage.ada.command(stage.channel, 'image', image);
  const card = await stage.card('Nothing was spent. Top up:');
  expect(textOf(card)).toContain('Top up: <https://kubeez.com/%29%5BFree%20nitro%5D%28https://evil.example%29>');
});

/** Every result of a media job has this address, and no other. */
function giveAddress(url: string): void {
  stage.kubeez.platform.settings.said = (answer) => ({
    ...answer,
    ...(answer.status === 'completed' ? { outputs: [{ id: '1', media_type: 'image', url }] } : {}),
  });
}
