import { describe, expect, test } from 'vitest';
import type { Person } from '../../playground/discord/person.ts';
import type { Channel, Message } from '../../playground/discord/world.ts';
import type { Rules } from '../../src/guilds/settings.ts';
import { makingOn } from '../making.ts';
import { formOf, labels, messageOf, textOf, useStage } from '../stage.ts';

/** What a server's rules do not allow costs nothing, whenever it is found out. */
const stage = useStage();
const { made } = makingOn(stage);

const fox = { prompt: 'a fox', model: 'nano-banana' };

/** Rules as a server has stored them, while no bot runs. */
const store = (rules: Partial<Rules>, blocked: { people?: string[]; words?: string[] } = {}) =>
  stage.writeRecord(`guild:${stage.guild.id}`, { v: 1, rules, blocked });

const ask = async (person: Person, values: Parameters<Person['command']>[2] = fox, channel: Channel = stage.channel) =>
  messageOf(await person.command(channel, 'image', values));

/** Told alone, in one sentence; no card, nothing spent. */
function refusedAlone(answer: Message, sentence: string, person = stage.ada): void {
  expect(answer.ephemeralFor).toBe(person.user.id);
  expect(answer.content).toContain(sentence);
  expect(answer.content).toContain('Nothing was spent.');
  expect(stage.paid()).toBe(0);
}

/** The card says it, and offers no Confirm. */
async function refusedOnCard(card: Message, sentence: string): Promise<void> {
  await stage.says(card, sentence);
  expect(textOf(card)).toContain('Nothing was spent.');
  expect(labels(card).some((label) => label.startsWith('Confirm'))).toBe(false);
  expect(stage.paid()).toBe(0);
}

/** A card that shows its price. */
async function quoted(person = stage.ada, values = fox): Promise<Message> {
  const card = await ask(person, values);
  await stage.says(card, 'Confirm ·');
  return card;
}

/** Uses `/block` as a manager. */
async function block(values: Parameters<Person['command']>[2], person = stage.ada): Promise<string> {
  const answer = messageOf(await person.command(stage.channel, 'block', values));
  await stage.discord.world.until(() => textOf(answer) !== '', 'an answer');
  return textOf(answer);
}

const appoint = () => stage.guild.admins.add(stage.ada.user.id);

describe('when a command begins', () => {
  test('a blocked person', async () => {
    await store({}, { people: [stage.ben.user.id] });
    await stage.startBot();
    refusedAlone(await ask(stage.ben), 'has blocked you', stage.ben);
    await stage.says(await ask(stage.ada), 'Confirm ·');
  });

  test('a channel in which the bot does not answer; a thread belongs to its channel', async () => {
    const other = stage.discord.world.addChannel(stage.guild, 'other');
    await store({ channels: [stage.channel.id] });
    await stage.startBot();
    refusedAlone(await ask(stage.ada, fox, other), `Use <#${stage.channel.id}>.`);
    await stage.says(await ask(stage.ada, fox, stage.thread), 'Confirm ·');
  });

  test('a role that is needed, for everything or for one kind', async () => {
    const { world } = stage.discord;
    const artists = world.addRole(stage.guild, 'Artists', [], [stage.ada.user]);
    const leads = world.addRole(stage.guild, 'Leads');
    await store({ roles: [artists.id], kinds: { video: [leads.id] } });
    await stage.startBot();
    refusedAlone(await ask(stage.ben), `with the role <@&${artists.id}>`, stage.ben);
    const clip = messageOf(await stage.ada.command(stage.channel, 'video', { prompt: 'a fox' }));
    refusedAlone(clip, `with the role <@&${leads.id}> can use /video`);
    await stage.says(await ask(stage.ada), 'Confirm ·');
  });

  test('a word, however it is spelled; the form to change it still has the text', async () => {
    await store({}, { words: ['fox'] });
    await stage.startBot();
    refusedAlone(await ask(stage.ada, { ...fox, prompt: 'a F\u200b.о.χ in snow' }), 'does not allow “fox”');
    const answer = await ask(stage.ada, { ...fox, prompt: 'a fox in snow' });
    const form = formOf(await stage.ada.press(answer, 'Edit'));
    const again = await stage.ada.submit(stage.channel, form, { prompt: 'f o x' }, answer);
    refusedAlone(messageOf(again), 'does not allow “fox”');
    const changed = messageOf(await stage.ada.submit(stage.channel, form, { prompt: 'foxes and a dog' }, answer));
    await stage.says(changed, 'Confirm ·');
  });

  test.each([
    ['what to leave out', 'image', { ...fox, prompt: 'a dog', negative: 'fox' }],
    ['a speech', 'speech', { text: 'Hello, little fox.' }],
    ['a song', 'music', { prompt: 'about a fox' }],
    ['an ad', 'ad', { product: 'a fox made of wood' }],
  ])('a word in %s', async (_, command, values) => {
    await store({}, { words: ['fox'] });
    await stage.startBot();
    refusedAlone(messageOf(await stage.ada.command(stage.channel, command, values)), 'does not allow “fox”');
  });

  test.each(['title', 'style', 'words', 'avoid'])('a word in the line “%s” of a song’s form', async (line) => {
    await store({}, { words: ['fox'] });
    await stage.startBot();
    const form = formOf(await stage.ada.command(stage.channel, 'music', { custom: true }));
    const fine = { title: 'A song', style: 'pop', words: 'la la\nla', avoid: 'drums' };
    const answer = await stage.ada.submit(stage.channel, form, { ...fine, [line]: 'the fox' });
    refusedAlone(messageOf(answer), 'does not allow “fox”');
  });

  test('whoever may make nothing fills in no form for it', async () => {
    await store({}, { people: [stage.ada.user.id] });
    await stage.startBot();
    refusedAlone(messageOf(await stage.ada.command(stage.channel, 'music', { custom: true })), 'has blocked you');
    refusedAlone(messageOf(await stage.ada.command(stage.channel, 'speech')), 'has blocked you');
  });

  test('too many at once: one that ends makes room', async () => {
    await store({ maxFlows: 1 });
    await stage.startBot();
    const card = await quoted();
    refusedAlone(await ask(stage.ada), 'allows everybody 1 request at once');
    await stage.says(await ask(stage.ben), 'Confirm ·');
    await stage.ada.press(card, 'Cancel');
    await stage.says(card, 'Cancelled.');
    await stage.says(await ask(stage.ada), 'Confirm ·');
  });

  test('too many at once, counted after a restart as well', async () => {
    await store({ maxFlows: 1 });
    const first = await stage.startBot();
    await quoted();
    await first.stop();
    await stage.startBot();
    refusedAlone(await ask(stage.ada), 'allows everybody 1 request at once');
  });

  test('a pause between two starts, which a restart does not end', async () => {
    await store({ cooldown: 60 });
    const first = await stage.startBot();
    await made('image', fox);
    expect((await ask(stage.ada)).content).toMatch(
      /You can start the next one <t:\d+:R>\. Nothing was spent\. \(KD-\d{3}\)$/,
    );
    await stage.says(await ask(stage.ben), 'Confirm ·');
    await first.stop();
    await stage.startBot();
    const card = await ask(stage.ada);
    await stage.says(card, 'asks for a pause between two starts');
    stage.clock.advance(60_000);
    await stage.says(await ask(stage.ada), 'Confirm ·');
    expect(stage.paid()).toBe(1);
  });

  test('in a DM there are no rules', async () => {
    await store({ roles: ['1'], channels: ['2'] }, { people: [stage.ada.user.id] });
    await stage.startBot();
    const dm = stage.discord.world.dmWith(stage.ada.user);
    await stage.says(await ask(stage.ada, fox, dm), 'Confirm ·');
  });
});

describe('between the price and the start', () => {
  test('whoever lost the role before Confirm is refused on the card', async () => {
    const artists = stage.discord.world.addRole(stage.guild, 'Artists', [], [stage.ada.user]);
    await store({ roles: [artists.id] });
    await stage.startBot();
    const card = await quoted();
    stage.guild.memberRoles.get(stage.ada.user.id)?.delete(artists.id);
    await stage.ada.press(card, 'Confirm');
    await refusedOnCard(card, `Here only people with the role <@&${artists.id}> can make something.`);
  });

  test('a person who is blocked meanwhile', async () => {
    appoint();
    await stage.startBot();
    const card = await quoted(stage.ben);
    expect(await block({ person: stage.ben.user.id })).toContain('can no longer make anything here');
    await stage.ben.press(card, 'Confirm');
    await refusedOnCard(card, 'has blocked you');
  });

  test('a word that is added meanwhile is not repeated on the card', async () => {
    appoint();
    await stage.startBot();
    const card = await quoted();
    await block({ word: 'F o x' });
    await stage.ada.press(card, 'Confirm');
    await refusedOnCard(card, 'This server does not allow one of these words.');
  });

  test('whoever waits in line when the rule comes does not start', async () => {
    appoint();
    stage.holdJobs();
    await stage.startBot();
    const cards: Message[] = [];
    for (let count = 0; count < 11; count++) cards.push(await quoted(stage.ben));
    for (const card of cards) await stage.ben.press(card, 'Confirm');
    await stage.job(10);
    const waiting = cards.find((card) => textOf(card).includes('in line')) ?? (await stage.card('in line'));
    await block({ person: stage.ben.user.id });
    const [first] = stage.kubeez.platform.jobs.keys();
    stage.kubeez.platform.finish(first ?? '');
    await stage.inTime(stage.says(waiting, 'has blocked you'));
    expect(stage.paid()).toBe(10);
  });

  test('two confirmed in the same moment do not get round a pause', async () => {
    await store({ cooldown: 600 });
    stage.holdJobs();
    await stage.startBot();
    const cards = [await quoted(), await quoted()];
    await Promise.all(cards.map((card) => stage.ada.press(card, 'Confirm')));
    await stage.discord.world.until(() => cards.some((card) => textOf(card).includes('asks for a pause')), 'a refusal');
    await stage.job(1);
    expect(stage.paid()).toBe(1);
  });

  test('next steps and menus go through the same gate', async () => {
    appoint();
    await stage.startBot();
    const card = await made('image', fox);
    await block({ person: stage.ben.user.id });
    for (const step of ['Again', 'Edit prompt', 'Vary', 'Animate']) {
      const answer = messageOf(await stage.ben.press(card, step));
      expect(answer.ephemeralFor).toBe(stage.ben.user.id);
      expect(answer.content).toContain('has blocked you');
    }
    const picture = stage.ben.write(stage.channel, 'look', [
      { name: 'a.png', data: Buffer.from('89504e470d0a1a0a', 'hex'), type: 'image/png' },
    ]);
    expect(messageOf(await stage.ben.menu(picture, 'Edit image')).content).toContain('has blocked you');
    await block({ word: 'dog' });
    const form = formOf(await stage.ada.press(card, 'Edit prompt'));
    const answer = messageOf(await stage.ada.submit(stage.channel, form, { prompt: 'a d0g' }, card));
    expect(answer.content).toContain('does not allow “dog”');
    expect(stage.paid()).toBe(1);
  });
});

describe('/block', () => {
  test('the bot itself, and a word of which nothing is to be seen, are refused in plain words', async () => {
    appoint();
    await stage.startBot();
    expect(await block({ person: stage.discord.world.bot.id })).toMatch(
      /^I cannot block myself: .* Nothing was changed\. \(KD-\d{3}\)$/,
    );
    const unseen =
      'There is nothing to see in that word. Type at least two letters or digits. Nothing was changed. (KD-565)';
    expect(await block({ word: '\u200b\u200d\u2060' })).toBe(unseen);
    expect(await block({})).toContain('Nobody is blocked.');
  });

  test('what is blocked survives a restart, and is allowed again', async () => {
    appoint();
    const first = await stage.startBot();
    await block({ person: stage.ben.user.id, word: 'Fox' });
    expect(await block({ word: 'f-o-x' })).toBe('“f-o-x” is blocked already. Nothing was changed. (KD-562)');
    await first.stop();
    await stage.startBot();
    expect(await block({})).toBe(`Blocked here\n**People**\n<@${stage.ben.user.id}>\n\n**Words**\nFox`);
    refusedAlone(await ask(stage.ada), 'does not allow “Fox”');
    expect(await block({ word: 'fóx', remove: true })).toBe('“fóx” is allowed again.');
    expect(await block({ person: stage.ben.user.id, remove: true })).toContain('can make things here again');
    await stage.says(await ask(stage.ben), 'Confirm ·');
    expect(await block({})).toContain('Nobody is blocked.');
  });

  test('who may not manage the server, or manages another, changes nothing and reads nothing', async () => {
    appoint();
    const { world } = stage.discord;
    const elsewhere = world.addGuild('Elsewhere', [stage.ben.user]);
    elsewhere.admins.add(stage.ben.user.id);
    const channel = world.addChannel(elsewhere, 'general');
    await stage.startBot();
    await block({ word: 'fox' });
    expect(await block({ word: 'fox', remove: true }, stage.ben)).toContain('Only somebody who may manage this server');
    expect(await block({}, stage.ben)).toContain('Only somebody who may manage this server');
    expect(await stage.ben.suggestions(stage.channel, 'block', 'word', '')).toEqual([]);
    const answer = messageOf(await stage.ben.command(channel, 'block'));
    await stage.says(answer, 'No word is blocked.');
    refusedAlone(await ask(stage.ada), 'does not allow “fox”');
  });

  test('hostile words are kept harmless, and what could never be found is refused', async () => {
    appoint();
    await stage.startBot();
    expect(await block({ word: '@everyone **x**' })).toContain('\\@everyone \\*\\*x\\*\\*');
    expect(await block({})).toContain('\\@everyone \\*\\*x\\*\\*');
    for (const word of ['a', '!!!']) expect(await block({ word })).toContain('is too short to be found');
    expect((await stage.ada.suggestions(stage.channel, 'block', 'word', ''))?.map(({ value }) => value)).toEqual([
      '@everyone **x**',
    ]);
  });
});

test('settings that cannot be read after a start: nothing is begun, priced or started, in one sentence', async () => {
  const first = await stage.startBot();
  const card = await quoted(stage.ben);
  await first.stop();
  await stage.writeRecord(`guild:${stage.guild.id}`, { v: 'odd' });
  await stage.startBot();
  refusedAlone(await ask(stage.ada), 'I cannot read the settings of this server, so I start nothing.');
  await stage.ben.press(card, 'Confirm');
  await refusedOnCard(card, 'I cannot read the settings of this server');
});
