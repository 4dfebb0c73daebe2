import sharp from 'sharp';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PickedFile, Value } from '../../playground/discord/person.ts';
import type { Channel, Message } from '../../playground/discord/world.ts';
import { clip, picture, pictureFile } from '../../playground/props.ts';
import { formOf, idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** Reference pictures of a channel's style: kept by reference, read anew with each price, and sent beside those of the person. */
const stage = useStage();

/** Ada may manage the server. */
beforeEach(() => stage.guild.admins.add(stage.ada.user.id));

const isPosted = ({ content }: Message) => content.startsWith('A reference picture of this channel’s style');
const posted = (channel = stage.channel) => stage.discord.world.messagesIn(channel.id).filter(isPosted);

/** Gives a picture, and the card of the style once it says something. */
async function add(file?: PickedFile, person = stage.ada, channel = stage.channel): Promise<Message> {
  const card = messageOf(await person.command(channel, 'style', { picture: file ?? (await picture('moon.png')) }));
  await stage.discord.world.until(() => textOf(card) !== '', 'the card');
  return card;
}

/** Adds a picture that works, and gives the message that it is in. */
async function added(name = 'moon.png'): Promise<Message> {
  const before = posted().length;
  await stage.says(await add(await picture(name)), `Reference pictures (${before + 1} of 4)`);
  const [message] = posted().slice(-1);
  if (!message) throw new Error('It was not posted');
  return message;
}

const fox = { prompt: 'at night', model: 'nano-banana-edit' };

/** The card of an edit by Ben, with its price. */
async function quote(values: Record<string, Value> = {}, command = 'edit', channel: Channel = stage.channel) {
  const image = command === 'image' ? {} : { image: await picture('own.png') };
  const card = messageOf(await stage.ben.command(channel, command, { ...fox, ...image, ...values }));
  await priced(card);
  return card;
}

const priced = (card: Message) => stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm ·'), 'a price');

/** What the platform was given to start from, by name. */
async function sentFiles(count = 1): Promise<string[]> {
  const { source_media_urls: urls = [] } = (await stage.job(count)).arguments;
  return [urls].flat().map(String);
}
const nameIn = (url: string) => new URL(url).pathname.split('/').at(-1);

test('the bot keeps it in a message of its own that calls nobody, and the card leads there', async () => {
  await stage.startBot();
  const message = await added();
  expect(message).toMatchObject({ author: stage.discord.world.bot.id, mentions: [], ephemeralFor: null });
  expect(message.content).toContain(`<@${stage.ada.user.id}>`);
  expect(message.attachments).toMatchObject([{ filename: 'moon.png', content_type: 'image/png' }]);
  const card = messageOf(await stage.ada.command(stage.channel, 'style'));
  await stage.says(card, `[1](https://discord.com/channels/${stage.guild.id}/${stage.channel.id}/${message.id})`);
});

test('its file has a name that is safe to show and to save, whatever it was called', async () => {
  await stage.startBot();
  await add({ ...(await picture()), name: `..\\a/SPOILER_\u202egnp.exe ${'x'.repeat(200)}.png` });
  const [name = ''] = posted().flatMap(({ attachments }) => attachments.map(({ filename }) => filename));
  expect(name).toMatch(/^a-spoiler-gnp-exe-x{1,40}\.png$/);
});

test('an edit has them after the person’s own, as the quote says', async () => {
  await stage.startBot();
  await added('moon.png');
  await added('sun.png');
  const card = await quote();
  expect(textOf(card)).toContain('-# “House” style adds 2 reference pictures.');
  await stage.ben.press(card, 'Confirm');
  expect((await sentFiles()).map(nameIn)).toEqual(['own.png', 'moon.png', 'sun.png']);
  await stage.says(card, '✅');
  expect(stage.paid()).toBe(1);
});

test('they are added up to what the model takes: the person’s own come first', async () => {
  const { platform } = stage.kubeez;
  platform.rows = platform.rows.map((row) =>
    row.model_id === fox.model ? { ...row, capabilities: { ...row.capabilities, max_input_images: 2 } } : row,
  );
  await stage.startBot();
  await added('moon.png');
  await added('sun.png');
  const card = await quote();
  expect(textOf(card)).toContain('adds 1 reference picture.');
  await stage.ben.press(card, 'Confirm');
  expect((await sentFiles()).map(nameIn)).toEqual(['own.png', 'moon.png']);
});

test('a model that takes a single picture has no room: the quote says nothing, and there is nothing to take off', async () => {
  await stage.startBot();
  await added();
  const card = await quote({ model: 'qwen-image-to-image' });
  expect(textOf(card)).not.toContain('style');
  await stage.ben.press(card, 'Confirm');
  expect((await sentFiles()).map(nameIn)).toEqual(['own.png']);
});

test.each(['animate', 'cutout'])('/%s is left alone: another picture would change what is meant', async (command) => {
  stage.kubeez.platform.settings.generation = 'mixed';
  await stage.startBot();
  await added();
  const image = await picture('own.png');
  const values = command === 'cutout' ? { image } : { prompt: 'it turns', image };
  const card = messageOf(await stage.ben.command(stage.channel, command, values));
  await priced(card);
  expect(textOf(card)).not.toContain('reference picture');
  await stage.ben.press(card, 'Confirm');
  const sent = JSON.stringify((await stage.job()).arguments);
  expect(sent).toContain('own.png');
  expect(sent).not.toContain('moon.png');
});

test('/image has them where its model works from pictures, and is asked for as what it then is', async () => {
  await stage.startBot();
  await added();
  const words = await quote({ model: 'nano-banana' }, 'image');
  expect(textOf(words)).not.toContain('reference picture');
  const card = await quote({ model: 'nano-banana-2' }, 'image');
  expect(textOf(card)).toContain('adds 1 reference picture.');
  await stage.ben.press(card, 'Confirm');
  expect((await sentFiles()).map(nameIn)).toEqual(['moon.png']);
  expect((await stage.job()).arguments.generation_type).toBe('image-to-image');
});

test('phrases and pictures are said in one line', async () => {
  await stage.startBot();
  await added();
  const card = messageOf(await stage.ada.command(stage.channel, 'style'));
  await stage.says(card, '(1 of 4)');
  const form = formOf(await stage.ada.press(card, 'Edit style'));
  const values = { name: 'House', before: '', after: 'soft grain', words: '', aspect: '' };
  await stage.ada.submit(stage.channel, form, values, card);
  await stage.says(card, 'soft grain');
  expect(textOf(card)).toContain('(1 of 4)');
  expect(textOf(await quote())).toContain('“House” style adds “soft grain” and 1 reference picture.');
});

test('Without style takes them off: quoted anew, confirmed by another press, and sent without', async () => {
  await stage.startBot();
  await added();
  const card = await quote();
  await stage.ben.press(card, 'Without style');
  await stage.says(card, '-# Without “House” style this time.');
  await priced(card);
  expect(stage.paid()).toBe(0);
  await stage.ben.press(card, 'Confirm');
  expect((await sentFiles()).map(nameIn)).toEqual(['own.png']);
});

test('addresses lapse, so the message is read anew when it is used', async () => {
  await stage.startBot();
  const message = await added();
  stage.clock.advance(3 * 24 * 3_600_000);
  const old = message.attachments[0]?.url ?? '';
  expect((await fetch(old)).status).toBe(404);
  const card = await quote();
  await stage.ben.press(card, 'Confirm');
  const [, sent = ''] = await sentFiles();
  expect(nameIn(sent)).toBe('moon.png');
  expect((await fetch(sent)).status).toBe(200);
});

test('messages that were deleted make room for other pictures, and nothing misses them any more', async () => {
  await stage.startBot();
  for (const name of ['a.png', 'b.png', 'c.png', 'd.png']) await added(name);
  for (const { id } of posted()) stage.discord.world.messages.delete(id);
  await stage.says(await add(await picture('moon.png')), 'Reference pictures (1 of 4)');
  const card = await quote();
  expect(textOf(card)).toContain('adds 1 reference picture.');
  expect(textOf(card)).not.toContain('is gone');
});

test('a process that ends while a picture is added has not said that it holds', async () => {
  const bot = await stage.startBot();
  let isStopped = false;
  stage.discord.api.gate = async (method, path) => {
    if (method !== 'GET' || !/messages\/\d+$/.test(path) || isStopped) return;
    isStopped = true;
    await bot.stop();
  };
  await stage.ada.command(stage.channel, 'style', { picture: await picture('moon.png') });
  await expect.poll(() => isStopped).toBe(true);
  expect(posted()).toEqual([]);
});

test('a picture that was posted by a process which ended before it was kept goes with the next use of /style there', async () => {
  const bot = await stage.startBot();
  const message = await added();
  const left = () =>
    stage.discord.world.messagesIn(stage.channel.id).filter(({ attachments }) => attachments.length > 0);
  const key = `guild:${stage.guild.id}`;
  const before = JSON.parse(await stage.readRecord(key));
  await added('sun.png');
  await bot.stop();
  // As a kill between the two leaves it.
  await stage.writeRecord(key, before);
  await stage.startBot();
  const open = async () => stage.says(messageOf(await stage.ada.command(stage.channel, 'style')), '(1 of 4)');
  // Another manager may be adding it at this moment.
  await open();
  expect(left()).toHaveLength(2);
  stage.clock.advance(11 * 60_000);
  await open();
  expect(left()).toEqual([message]);
});

test('the message was deleted: the request goes on without it, and the card says so before anybody confirms', async () => {
  await stage.startBot();
  const message = await added('moon.png');
  await added('sun.png');
  stage.discord.world.messages.delete(message.id);
  const card = await quote();
  expect(textOf(card)).toContain('“House” style adds 1 reference picture.');
  expect(textOf(card)).toContain('-# A reference picture of “House” style is gone: this goes on without it.');
  await stage.ben.press(card, 'Confirm');
  expect((await sentFiles()).map(nameIn)).toEqual(['own.png', 'sun.png']);
});

test('all of them are gone: there is nothing to take off any more', async () => {
  await stage.startBot();
  const message = await added();
  stage.discord.world.messages.delete(message.id);
  const card = await quote();
  expect(textOf(card)).toContain('is gone: this goes on without it');
  expect(labels(card)).not.toContain('Without style');
});

test('deleted after the price was shown: nothing is spent for another request than the one confirmed', async () => {
  await stage.startBot();
  const message = await added();
  const card = await quote();
  stage.discord.world.messages.delete(message.id);
  await stage.ben.press(card, 'Confirm');
  await stage.says(card, 'The reference pictures of the style changed.');
  expect(textOf(card)).toContain('is gone: this goes on without it');
  expect(stage.paid()).toBe(0);
  await priced(card);
  await stage.ben.press(card, 'Confirm');
  expect((await sentFiles()).map(nameIn)).toEqual(['own.png']);
  expect(stage.paid()).toBe(1);
});

test('the thread that it was posted in was deleted: the same', async () => {
  await stage.startBot();
  const { thread } = stage;
  await stage.says(await add(undefined, stage.ada, thread), 'Reference pictures (1 of 4)');
  stage.discord.world.channels.delete(thread.id);
  const card = await quote();
  expect(textOf(card)).toContain('is gone: this goes on without it');
  await stage.ben.press(card, 'Confirm');
  expect((await sentFiles()).map(nameIn)).toEqual(['own.png']);
});

test('Discord does not answer: no price without them, and it goes on by itself', async () => {
  await stage.startBot();
  const message = await added();
  stage.discord.api.faults.push({ match: new RegExp(`^GET .*/messages/${message.id}`), answer: 500, times: 4 });
  const card = messageOf(await stage.ben.command(stage.channel, 'edit', { ...fox, image: await picture('own.png') }));
  await stage.inTime(priced(card), 5000, 200);
  expect(textOf(card)).toContain('adds 1 reference picture.');
});

test('a kill while the message is read, and another between price and Confirm: it is sent once, with its pictures', async () => {
  const first = await stage.startBot();
  const message = await added();
  const match = new RegExp(`^GET .*/messages/${message.id}`);
  const fault = { match, answer: 'hang' as const, times: 1 };
  stage.discord.api.faults.push(fault);
  const card = messageOf(await stage.ben.command(stage.channel, 'edit', { ...fox, image: await picture('own.png') }));
  await expect.poll(() => fault.times, { timeout: 10_000 }).toBe(0);
  await first.stop(200);
  const second = await stage.startBot();
  await priced(card);
  expect(textOf(card)).toContain('adds 1 reference picture.');
  await second.stop();
  await stage.startBot();
  await stage.ben.press(card, 'Confirm');
  expect((await sentFiles()).map(nameIn)).toEqual(['own.png', 'moon.png']);
  await stage.says(card, '✅');
  expect(stage.paid()).toBe(1);
});

describe('what has to be approved', () => {
  /** An edit that waits for Lea. */
  async function held() {
    const { world } = stage.discord;
    const user = world.addUser('Lea');
    stage.guild.members.add(user.id);
    const leads = world.addRole(stage.guild, 'Leads', [], [user]);
    const approvals = world.addChannel(stage.guild, 'approvals');
    const rule = { above: 0, kind: null, role: null, approvers: leads.id, channel: approvals.id };
    await stage.writeRecord(`guild:${stage.guild.id}`, { v: 1, approvals: [rule] });
    await stage.startBot();
    const message = await added();
    const card = await quote();
    await stage.ben.press(card, 'Confirm');
    await stage.says(card, 'Waiting for <@&');
    const ask = await stage.message((one) => textOf(one).includes('[Open the card]'), approvals);
    await expect.poll(async () => (await stage.readFlow(idIn(card))).approval.message?.message).toBe(ask.id);
    return { lea: stage.discord.person(user), message, card, ask };
  }

  test('approved many hours later: its pictures are read anew, and it goes on', async () => {
    const { lea, card, ask } = await held();
    expect(ask.embeds.map(({ thumbnail }) => nameIn(thumbnail?.url ?? ''))).toEqual(['own.png', 'moon.png']);
    const shown = ask.embeds[1]?.thumbnail?.url;
    stage.clock.advance(20 * 3_600_000);
    await lea.press(ask, 'Approve');
    const [, sent = ''] = await sentFiles();
    expect(nameIn(sent)).toBe('moon.png');
    expect(sent).not.toBe(shown);
    await stage.says(card, '✅');
    expect(stage.paid()).toBe(1);
  });

  test('a picture is gone by then: nothing is spent, its requester is called, and the approval was not for that', async () => {
    const { lea, message, card, ask } = await held();
    stage.discord.world.messages.delete(message.id);
    await lea.press(ask, 'Approve');
    await stage.message(({ content }) => content.includes('the reference pictures of the style have changed'));
    expect(textOf(card)).toContain('is gone: this goes on without it');
    expect(textOf(card)).toContain('After **Confirm**, <@&');
    expect(stage.paid()).toBe(0);
  });
});

test('a quote keeps the pictures it was asked with; Again has those of now, once', async () => {
  await stage.startBot();
  await added('moon.png');
  const card = await quote();
  await added('sun.png');
  await stage.ben.press(card, 'Confirm');
  expect((await sentFiles()).map(nameIn)).toEqual(['own.png', 'moon.png']);
  await stage.says(card, '✅');
  const again = messageOf(await stage.ben.press(card, 'Again'));
  await priced(again);
  await stage.ben.press(again, 'Confirm');
  expect((await sentFiles(2)).map(nameIn)).toEqual(['own.png', 'moon.png', 'sun.png']);
});

test('another channel has none of them, a thread has those of its channel', async () => {
  const other = stage.discord.world.addChannel(stage.guild, 'other');
  await stage.startBot();
  await added();
  expect(textOf(await quote({}, 'edit', other))).not.toContain('style');
  expect(textOf(await quote({}, 'edit', stage.thread))).toContain('adds 1 reference picture.');
});

test('a picture can be removed, and its message goes with it; clear removes them all', async () => {
  await stage.startBot();
  const moon = await added('moon.png');
  const sun = await added('sun.png');
  const card = messageOf(await stage.ada.command(stage.channel, 'style'));
  await stage.says(card, '(2 of 4)');
  await stage.ada.select(card, 'style:pictures', [moon.id]);
  await stage.says(card, '(1 of 4)');
  await stage.discord.world.until(() => posted().length === 1, 'one picture less');
  expect(posted()).toEqual([sun]);
  await stage.ada.select(card, 'style:pictures', [moon.id]);
  await stage.message(({ content }) => content.startsWith('This card is too old'));
  const cleared = messageOf(await stage.ada.command(stage.channel, 'style', { clear: true }));
  await stage.says(cleared, 'The style of this channel is gone.');
  expect(posted()).toEqual([]);
});

test('nothing of them is left in the records of a server that is forgotten but what the settings say', async () => {
  await stage.startBot();
  const message = await added();
  const withIt = stage.rows().filter(({ value }) => value.includes(message.id));
  expect(withIt.map(({ key }) => key)).toEqual([`kubeez:guild:${stage.guild.id}`]);
});

describe('refused, and nothing changed', () => {
  const refused = async (file: PickedFile, sentence: string) => {
    const card = await add(file);
    expect(textOf(card)).toContain(sentence);
    expect(card.ephemeralFor).toBe(stage.ada.user.id);
    expect(posted()).toEqual([]);
    expect(String(await stage.readRecord(`guild:${stage.guild.id}`))).not.toContain('attachment');
  };

  test.each<[string, string, () => Promise<Buffer> | Buffer]>([
    ['notes.png', 'image/png', () => Buffer.from('only words')],
    ['page.png', 'image/png', () => Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['logo.svg', 'image/svg+xml', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['film.png', 'image/png', () => clip(2)],
    ['empty.png', 'image/png', () => Buffer.alloc(0)],
    ['**@everyone**.png', 'image/png', () => Buffer.from('only words')],
  ])('%s is no picture', async (name, type, data) => {
    await stage.startBot();
    const shown = name.replace(/[*@]/g, '\\$&');
    await refused({ name, type, data: await data() }, `“${shown}” is not a picture that Kubeez takes.`);
  });

  test.each(['png', 'jpeg', 'webp'] as const)('a %s whose end is missing', async (format) => {
    await stage.startBot();
    const whole = await sharp(await pictureFile())
      .toFormat(format)
      .toBuffer();
    const data = whole.subarray(0, whole.length - 10);
    await refused({ name: `moon.${format}`, type: `image/${format}`, data }, 'is not complete: its end is missing.');
    await stage.says(await add({ name: 'sun.png', type: 'image/png', data: whole }), 'Reference pictures (1 of 4)');
  });

  test('beside `clear`: neither is done', async () => {
    await stage.startBot();
    const moon = await added();
    const both = { picture: await picture('sun.png'), clear: true };
    const answer = messageOf(await stage.ada.command(stage.channel, 'style', both));
    await stage.says(answer, 'use one of them. Nothing was changed.');
    expect(posted()).toEqual([moon]);
  });

  test('nobody but managers adds one; a lost right counts at once', async () => {
    await stage.startBot();
    await stage.says(await add(undefined, stage.ben), 'Only somebody who may manage this server can do that.');
    const card = messageOf(await stage.ada.command(stage.channel, 'style'));
    await stage.says(card, 'no style of its own');
    const moon = await added();
    stage.guild.admins.delete(stage.ada.user.id);
    await stage.ada.select(card, 'style:pictures', [moon.id]);
    await stage.message(({ content }) => content.includes('Only somebody who may manage this server'));
    expect(posted()).toHaveLength(1);
  });

  test('a manager of another server removes nothing here, whatever id they pick', async () => {
    const { world } = stage.discord;
    await stage.startBot();
    const moon = await added();
    const theirs = world.addGuild('Other', [stage.ben.user]);
    const channel = world.addChannel(theirs, 'general');
    theirs.admins.add(stage.ben.user.id);
    const card = messageOf(await stage.ben.command(channel, 'style'));
    await stage.says(card, 'no style of its own');
    await stage.ben.select(card, 'style:pictures', [moon.id]);
    await stage.message(({ content }) => content.startsWith('This card is too old'), channel);
    expect(posted()).toHaveLength(1);
  });

  test('a fifth one', async () => {
    await stage.startBot();
    for (const name of ['one.png', 'two.png', 'three.png', 'four.png']) await added(name);
    expect(textOf(await add())).toContain('This style has 4 reference pictures already.');
    expect(posted()).toHaveLength(4);
  });

  test('two managers at once have room for one', async () => {
    stage.guild.admins.add(stage.ben.user.id);
    await stage.startBot();
    for (const name of ['one.png', 'two.png', 'three.png']) await added(name);
    const cards = await Promise.all([add(undefined, stage.ada), add(undefined, stage.ben)]);
    expect(cards.filter((card) => textOf(card).includes('(4 of 4)'))).toHaveLength(1);
    await stage.discord.world.until(() => posted().length === 4, 'one picture less');
  });

  test('where the bot may not attach files', async () => {
    await stage.startBot();
    stage.channel.denied.add('AttachFiles');
    const card = await add();
    expect(textOf(card)).toContain('I keep reference pictures in a message of mine. Give me Attach Files');
  });
});
