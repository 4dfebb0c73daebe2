import { ButtonStyle } from 'discord.js';
import { beforeEach, expect, test } from 'vitest';
import { channelTypes } from '../../playground/discord/channelTypes.ts';
import { bitsOf, type Permission } from '../../playground/discord/permissions.ts';
import type { Person } from '../../playground/discord/person.ts';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Channel, Message } from '../../playground/discord/world.ts';
import { formOf, idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

/** A channel that Ada was let into and Ben was not. */
let hidden: Channel;

beforeEach(() => {
  hidden = stage.discord.world.addChannel(stage.guild, 'board');
  hide(hidden);
  allow(hidden, 1, stage.ada.user.id);
});

function hide(channel: Channel): void {
  channel.overwrites.push({ id: stage.guild.id, type: 0, allow: 0n, deny: bitsOf('ViewChannel') });
}

function allow(channel: Channel, type: 0 | 1, id: string, ...more: Permission[]): void {
  channel.overwrites.push({ id, type, allow: bitsOf('ViewChannel', ...more), deny: 0n });
}

/** Makes a picture, all the way to its record. */
async function made(prompt: string, channel = stage.channel, person = stage.ada): Promise<Message> {
  const card = messageOf(await person.command(channel, 'image', { prompt, model: 'nano-banana' }));
  await stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm'), 'a price');
  await person.press(card, 'Confirm');
  const isSaved = (line: string) => line.includes('"to":"delivered"') && line.includes(idIn(card));
  await stage.discord.world.until(() => textOf(card).includes('✅') && stage.log.some(isSaved), 'the result');
  return card;
}

/** A list as it answers somebody, once it says `text`. */
async function list(person: Person, channel: Channel, name: string, values: Record<string, boolean>, text: string) {
  const answer = messageOf(await person.command(channel, name, values));
  await stage.says(answer, text);
  return textOf(answer);
}

/** What somebody else sees of Ada's work from where they are: everything that could show it, asked once each. */
async function seen(person: Person, card: Message, channel = stage.channel): Promise<Record<string, boolean>> {
  const id = idIn(card);
  const history = messageOf(await person.command(channel, 'history', { server: true }));
  await stage.discord.world.until(() => textOf(history).includes('in th'), 'the history');
  const suggestions = await person.suggestions(channel, 'show', 'id', '');
  const shown = messageOf(await person.command(channel, 'show', { id }));
  const again = await person.pressRaw(history, `flow:prompt:${id}`);
  return {
    history: textOf(history).includes(id),
    suggestions: JSON.stringify(suggestions).includes(id),
    show: !shown.content.includes('There is no such card here'),
    again: again.type === 'form',
  };
}

const all = { history: true, suggestions: true, show: true, again: true };
const nothing = { history: false, suggestions: false, show: false, again: false };

test('lists show this channel; with `server` those that one sees; one’s own always', async () => {
  await stage.startBot();
  await made('a public fox');
  const secret = await made('a secret fox', hidden);
  const { ada, ben, channel } = stage;
  expect(await list(ben, channel, 'history', {}, 'a public fox')).not.toContain('secret');
  expect(await list(ben, channel, 'history', { server: true }, 'a public fox')).not.toContain('secret');
  expect(await list(ada, channel, 'history', {}, 'a public fox')).not.toContain('secret');
  expect(await list(ada, channel, 'history', { server: true }, 'a secret fox')).toContain('a public fox');
  expect(await list(ada, hidden, 'history', {}, 'a secret fox')).not.toContain('public');
  expect(await seen(ben, secret)).toEqual(nothing);
  expect(await seen(ada, secret)).toEqual(all);
});

test('/jobs tells nobody what runs where they cannot look', async () => {
  await stage.startBot();
  const card = messageOf(await stage.ada.command(hidden, 'image', { prompt: 'a secret fox', model: 'nano-banana' }));
  await stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm'), 'a price');
  await list(stage.ben, stage.channel, 'jobs', {}, 'Nothing is running');
  await list(stage.ben, stage.channel, 'jobs', { server: true }, 'Nothing is running');
  await list(stage.ada, stage.channel, 'jobs', {}, 'Nothing is running');
  await list(stage.ada, stage.channel, 'jobs', { server: true }, 'a secret fox');
  await list(stage.ada, hidden, 'jobs', {}, 'a secret fox');
  const pressed = messageOf(
    await stage.ben.pressRaw(await made('mine', stage.channel, stage.ben), `flow:confirm:${idIn(card)}`),
  );
  expect(pressed.content).toMatch(/^This card is too old/);
  expect(labels(card)[0]).toMatch(/^Confirm/);
});

test.each<[string, boolean, (channel: Channel, ben: string) => void]>([
  ['everybody, where nothing denies it', true, () => {}],
  ['nobody else, where everybody is denied', false, (channel) => hide(channel)],
  [
    'a role that is let in',
    true,
    (channel) => {
      hide(channel);
      allow(channel, 0, stage.discord.world.addRole(stage.guild, 'board', [], [stage.ben.user]).id);
    },
  ],
  [
    'not a role that somebody else has',
    false,
    (channel) => {
      hide(channel);
      allow(channel, 0, stage.discord.world.addRole(stage.guild, 'board', [], [stage.ada.user]).id);
    },
  ],
  [
    'one role that denies and one that allows: allowed',
    true,
    (channel) => {
      const { world } = stage.discord;
      allow(channel, 0, world.addRole(stage.guild, 'in', [], [stage.ben.user]).id);
      const out = world.addRole(stage.guild, 'out', [], [stage.ben.user]);
      channel.overwrites.push({ id: out.id, type: 0, allow: 0n, deny: bitsOf('ViewChannel') });
    },
  ],
  [
    'not a person who is denied, whatever their role',
    false,
    (channel, ben) => {
      allow(channel, 0, stage.discord.world.addRole(stage.guild, 'in', [], [stage.ben.user]).id);
      channel.overwrites.push({ id: ben, type: 1, allow: 0n, deny: bitsOf('ViewChannel') });
    },
  ],
  [
    'a person who is let in',
    true,
    (channel, ben) => {
      hide(channel);
      allow(channel, 1, ben);
    },
  ],
  [
    'administrators',
    true,
    (channel) => {
      hide(channel);
      stage.discord.world.addRole(stage.guild, 'admin', ['Administrator'], [stage.ben.user]);
    },
  ],
  [
    'the owner',
    true,
    (channel, ben) => {
      hide(channel);
      stage.guild.owner = ben;
    },
  ],
  [
    'a role that sees the server, where everybody does not',
    true,
    () => {
      const everybody = stage.guild.roles.get(stage.guild.id);
      if (everybody) everybody.permissions &= ~bitsOf('ViewChannel');
      allow(stage.channel, 1, stage.ben.user.id);
      allow(stage.channel, 1, stage.ada.user.id);
      stage.discord.world.addRole(stage.guild, 'guest', ['ViewChannel'], [stage.ben.user, stage.ada.user]);
    },
  ],
])('who sees a channel: %s', async (_, expected, arrange) => {
  const place = stage.discord.world.addChannel(stage.guild, 'place');
  allow(place, 1, stage.ada.user.id);
  arrange(place, stage.ben.user.id);
  expect(stage.discord.world.maySee(stage.ben.user, place)).toBe(expected);
  await stage.startBot();
  const card = await made('a fox', place);
  expect(await seen(stage.ben, card)).toEqual(expected ? all : nothing);
});

test.each<[string, boolean, number, (thread: Channel, parent: Channel) => void]>([
  ['an open thread of an open channel', true, channelTypes.thread, () => {}],
  ['not an open thread of a closed channel', false, channelTypes.thread, (_, parent) => hide(parent)],
  ['not a private thread of an open channel', false, channelTypes.privateThread, () => {}],
  [
    'a private thread one was added to',
    true,
    channelTypes.privateThread,
    (thread) => thread.members.add(stage.ben.user.id),
  ],
  [
    'not a private thread one was added to, whose channel is closed',
    false,
    channelTypes.privateThread,
    (thread, parent) => {
      thread.members.add(stage.ben.user.id);
      hide(parent);
    },
  ],
  [
    'a private thread, for those who manage threads there',
    true,
    channelTypes.privateThread,
    (_, parent) => allow(parent, 1, stage.ben.user.id, 'ManageThreads'),
  ],
])('who sees a thread: %s', async (_, expected, type, arrange) => {
  const { world } = stage.discord;
  const parent = world.addChannel(stage.guild, 'parent');
  allow(parent, 1, stage.ada.user.id);
  const thread = world.addChannel(stage.guild, 'thread', type, parent);
  thread.members.add(stage.ada.user.id);
  arrange(thread, parent);
  expect(world.maySee(stage.ben.user, thread)).toBe(expected);
  await stage.startBot();
  const card = await made('a fox', thread);
  expect(await seen(stage.ben, card)).toEqual(expected ? all : nothing);
});

test('a channel that is gone, or that Discord does not tell of: only the requester', async () => {
  await stage.startBot();
  const place = stage.discord.world.addChannel(stage.guild, 'place');
  const card = await made('a fox', place);
  stage.discord.api.faults.push({ match: /^GET \/channels\//, answer: 500, times: 100 });
  expect(await seen(stage.ben, card)).toEqual(nothing);
  stage.discord.api.faults.length = 0;
  expect(await seen(stage.ben, card)).toEqual(all);
  stage.discord.world.channels.delete(place.id);
  stage.clock.advance(61_000);
  expect(await seen(stage.ben, card)).toEqual(nothing);
  expect(await seen(stage.ada, card)).toEqual(all);
});

test('what Discord says of a channel is kept for a minute, and suggestions ask for nothing', async () => {
  await stage.startBot();
  const place = stage.discord.world.addChannel(stage.guild, 'place');
  const card = await made('a fox', place);
  const reads = () => stage.discord.api.requests.filter(({ path }) => path === `/channels/${place.id}`).length;
  stage.discord.api.faults.push({ match: /^GET \/(channels|guilds)\//, answer: 'cut', times: 1 });
  expect(await stage.ben.suggestions(stage.channel, 'show', 'id', '')).toEqual([]);
  expect(await stage.ada.suggestions(stage.channel, 'show', 'id', '')).toHaveLength(1);
  await stage.discord.world.until(() => reads() > 0, 'the question');
  await expect.poll(() => stage.ben.suggestions(stage.channel, 'show', 'id', '')).toHaveLength(1);
  const before = reads();
  await list(stage.ben, stage.channel, 'history', { server: true }, idIn(card));
  expect(reads()).toBe(before);
  hide(place);
  stage.clock.advance(61_000);
  expect(await seen(stage.ben, card)).toEqual(nothing);
});

test('the buttons of a card lead nowhere for those who cannot see where it was made, also on a copy', async () => {
  stage.kubeez.platform.settings.padding = 11 * 1024 * 1024;
  await stage.startBot();
  const card = await made('a secret fox', hidden);
  const mine = await made('a fox', stage.channel, stage.ben);
  const id = idIn(card);
  const copy = messageOf(await stage.ada.command(stage.channel, 'show', { id }));
  await stage.discord.world.until(() => labels(copy).length > 0, 'its buttons');
  for (const action of 'repeat prompt vary animate edit caption separate fresh delete erase more confirm check link'.split(
    ' ',
  )) {
    for (const message of [copy, mine]) {
      const outcome = await stage.ben.pressRaw(message, `flow:${action}:${id}`);
      // Whoever is not where an open card is, is not even told that there is one.
      expect(messageOf(outcome).content).toMatch(/a channel that you cannot see|^This card is too old/);
    }
  }
  const form = formOf(await stage.ada.press(copy, 'Edit prompt'));
  const forged = messageOf(await stage.ben.submit(stage.channel, form, {}, copy));
  expect(forged.content).toContain('a channel that you cannot see');
  expect(stage.paid()).toBe(2);
});

/** Presses ⋯, then Delete, and gives the question that comes of it. */
async function askToDelete(person: Person, card: Message): Promise<Message> {
  const more = messageOf(await person.press(card, '⋯'));
  const question = messageOf(await person.press(more, 'Delete'));
  expect(question.ephemeralFor).toBe(person.user.id);
  return question;
}

const gone = (...messages: Message[]) =>
  stage.discord.world.until(() => messages.every(({ id }) => !stage.discord.world.messages.has(id)), 'their end');

test('Delete asks once, and then the card, its copies and every list are rid of it for all but its requester', async () => {
  await stage.startBot();
  const card = await made('a fox');
  const id = idIn(card);
  const copy = messageOf(await stage.ada.command(stage.thread, 'show', { id }));
  await stage.discord.world.until(() => labels(copy).length > 0, 'its buttons');
  expect(labels(card)).not.toContain('Delete');
  const question = await askToDelete(stage.ada, card);
  expect(question.content).toContain(`Delete #${id} for everybody?`);
  expect(JSON.stringify(question.components)).not.toContain(`"style":${ButtonStyle.Danger}`);
  expect(stage.discord.world.messages.has(card.id)).toBe(true);
  await stage.ada.press(question, 'Delete');
  await gone(card, copy);
  await stage.says(question, 'Deleted.');
  expect(buttonsOf(question)).toEqual([]);

  const ben = messageOf(await stage.ben.command(stage.channel, 'history'));
  await stage.says(ben, 'Nothing that fits');
  expect(await seen(stage.ben, card)).toEqual(nothing);
  expect(await list(stage.ada, stage.channel, 'history', {}, id)).toContain('deleted');
  const shown = messageOf(await stage.ada.command(stage.channel, 'show', { id }));
  await stage.discord.world.until(() => shown.attachments.length === 1, 'the picture');
  expect(await seen(stage.ben, card)).toEqual(nothing);
  // What she shows again is there for those who see it.
  await stage.ben.press(shown, 'Again');
  await stage.message((message) => textOf(message).includes(`from #${id}`));
});

test('Delete is offered to the requester and to those who manage messages where it stands, to nobody else', async () => {
  await stage.startBot();
  const card = await made('a fox');
  const more = messageOf(await stage.ben.press(card, '⋯'));
  expect(labels(more)).not.toContain('Delete…');
  for (const action of ['delete', 'erase'])
    expect(messageOf(await stage.ben.pressRaw(more, `flow:${action}:${idIn(card)}`)).content).toContain(
      'can delete this',
    );
  // Managing messages elsewhere is not enough.
  const copy = messageOf(await stage.ada.command(stage.thread, 'show', { id: idIn(card) }));
  await stage.discord.world.until(() => labels(copy).length > 0, 'its buttons');
  allow(stage.channel, 1, stage.ben.user.id, 'ManageMessages');
  const question = await askToDelete(stage.ben, card);
  await stage.ben.press(question, 'Delete');
  await gone(card, copy);
  expect(await list(stage.ada, stage.channel, 'history', {}, idIn(card))).toContain('deleted');
});

test('a red Delete of an older card asks as well, and takes that very message away', async () => {
  await stage.startBot();
  const card = await made('a fox');
  const { world } = stage.discord;
  // As an earlier version showed it: a copy it did not remember, with Delete among its buttons.
  const id = idIn(card);
  const button = { type: 2, style: ButtonStyle.Danger, label: 'Delete', custom_id: `flow:delete:${id}` };
  const old: Message = { ...card, id: world.snowflake(), components: [{ type: 1, components: [button] }] };
  world.messages.set(old.id, old);
  const question = messageOf(await stage.ada.press(old, 'Delete'));
  expect(world.messages.has(old.id)).toBe(true);
  await stage.ada.press(question, 'Delete');
  await gone(card, old);
});
