import { expect, test } from 'vitest';
import type { Person } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import type { Bot } from '../../src/bot.ts';
import type { Limit } from '../../src/guilds/limits.ts';
import { idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** Whoever a limit had no room for asks the managers for more, who answer with one press. */
const stage = useStage();

const price = 7;
const managersOnly = 'Only somebody who may manage this server can do that. (KD-608)';

/** Ada manages the server; Ben asks. */
async function begin(...limits: Partial<Limit>[]): Promise<Bot> {
  stage.guild.admins.add(stage.ada.user.id);
  await stage.writeRecord(`guild:${stage.guild.id}`, {
    v: 1,
    limits: limits.map((one, index) => ({
      id: `limit-${index}`,
      credits: price - 4,
      per: 'week',
      scope: 'server',
      target: null,
      ...one,
    })),
  });
  return stage.startBot();
}

const ask = async (person: Person) =>
  messageOf(await person.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));

/** Somebody’s flow that a limit has no room for. */
async function refused(person = stage.ben): Promise<Message> {
  const card = await ask(person);
  await stage.says(card, '**Ask for more** asks them. Nothing was spent.');
  return card;
}

/** The request that Ben’s press leads to. */
const requested = async (card: Message) => messageOf(await stage.ben.press(card, 'Ask for more'));

async function limits(): Promise<number[]> {
  const { value } = JSON.parse(stage.rows().find(({ key }) => key.endsWith(`:guild:${stage.guild.id}`))?.value ?? '{}');
  return value.limits.map(({ credits }: Limit) => credits);
}

/** What somebody is told privately after a press. */
const told = (person: Person, text: string) =>
  stage.message((message) => message.ephemeralFor === person.user.id && textOf(message).includes(text));

test('one press of a manager raises the limit by what was missing, and what was asked for goes on', async () => {
  await begin({});
  const card = await refused();
  expect(labels(card)).toEqual(['Ask for more', 'Cheaper models', 'Edit prompt', 'Again']);
  const request = await requested(card);
  expect(request.ephemeralFor).toBe(null);
  expect(request.channel).toBe(stage.channel.id);
  expect(request.mentions).toEqual([]);
  expect(textOf(request)).toContain(
    `<@${stage.ben.user.id}> asks to raise a limit: 3 credits a week for the whole server.`,
  );
  expect(textOf(request)).toMatch(/3 credits are left until it renews <t:\d+:R>, and “a fox” costs 7 credits\./);
  expect(labels(request)).toEqual(['Raise by 4', 'No']);
  await stage.ada.press(request, 'Raise by 4');
  await stage.says(request, `<@${stage.ada.user.id}> raised the limit: 7 credits a week for the whole server.`);
  expect(labels(request)).toEqual([]);
  expect(await limits()).toEqual([price]);
  const again = messageOf(await stage.ben.press(card, 'Again'));
  await stage.says(again, 'This server’s limit: 0 of 7 credits left this week after this');
  await stage.ben.press(again, 'Confirm');
  await stage.says(again, '✅');
});

test('what counts when it is asked is what is left then, and credits are whole', async () => {
  stage.holdJobs();
  await begin({ credits: 8.5, scope: 'person', target: stage.ben.user.id });
  const first = await ask(stage.ben);
  await stage.says(first, 'Confirm ·');
  await stage.ben.press(first, 'Confirm');
  await stage.job();
  const request = await requested(await refused());
  expect(textOf(request)).toContain('1.5 credits are left');
  expect(labels(request)[0]).toBe('Raise by 6');
});

test('where more was spent than the limit allows by now, one press makes room all the same', async () => {
  await begin();
  const first = await ask(stage.ben);
  await stage.says(first, 'Confirm ·');
  await stage.ben.press(first, 'Confirm');
  await stage.says(first, '✅');
  await stage.says(
    messageOf(await stage.ada.command(stage.channel, 'budget set', { credits: 5, per: 'week' })),
    'From now',
  );
  const card = await refused();
  const request = await requested(card);
  expect(labels(request)[0]).toBe('Raise by 9');
  await stage.ada.press(request, 'Raise by 9');
  await stage.says(request, 'raised');
  await stage.says(messageOf(await stage.ben.press(card, 'Again')), 'Confirm ·');
});

test('a manager may say no, and the limit stays as it is', async () => {
  await begin({});
  const request = await requested(await refused());
  await stage.ada.press(request, 'No');
  await stage.says(request, `<@${stage.ada.user.id}> said no to <@${stage.ben.user.id}>. The limit stays as it is.`);
  expect(labels(request)).toEqual([]);
  expect(await limits()).toEqual([price - 4]);
});

test('the requester cannot answer, unless they are a manager; nobody else can', async () => {
  await begin({});
  const request = await requested(await refused());
  expect(textOf(messageOf(await stage.ben.press(request, 'Raise')))).toBe(managersOnly);
  expect(textOf(messageOf(await stage.ben.press(request, 'No')))).toBe(managersOnly);
  expect(labels(request)).toEqual(['Raise by 4', 'No']);
  expect(await limits()).toEqual([price - 4]);
  const own = messageOf(await stage.ada.press(await refused(stage.ada), 'Ask for more'));
  await stage.ada.press(own, 'Raise');
  await stage.says(own, 'raised the limit');
  expect(await limits()).toEqual([price]);
});

test('a manager of another server cannot answer with an id of this one', async () => {
  await begin({});
  const { world } = stage.discord;
  const other = world.addGuild('Elsewhere', [stage.ben.user]);
  other.admins.add(stage.ben.user.id);
  const channel = world.addChannel(other, 'general');
  const card = await refused();
  await requested(card);
  const list = messageOf(await stage.ben.command(channel, 'help', {}));
  await stage.discord.world.until(() => textOf(list) !== '', 'an answer');
  await stage.ben.pressRaw(list, `raise:yes:${idIn(card)}`);
  await stage.discord.world.until(
    () => world.messagesIn(channel.id).some((message) => textOf(message).includes('This card is too old')),
    'a refusal',
  );
  expect(await limits()).toEqual([price - 4]);
});

test('each request is answered once, whoever presses at the same moment', async () => {
  await begin({});
  stage.guild.admins.add(stage.ben.user.id);
  const card = await refused();
  const request = await requested(card);
  const yes = `raise:yes:${idIn(card)}`;
  await Promise.all([
    stage.ada.pressRaw(request, yes),
    stage.ben.pressRaw(request, yes),
    stage.ben.pressRaw(request, `raise:no:${idIn(card)}`),
    stage.ada.pressRaw(request, yes),
  ]);
  await told(stage.ben, 'This was answered already. Nothing was changed.');
  await stage.says(request, 'raised the limit');
  expect(await limits()).toEqual([price]);
});

test.each([
  ['set lower', { credits: 2, per: 'week' }, 'set', [2]],
  ['removed', { limit: 'server.week' }, 'remove', []],
])('a request about a limit that was %s meanwhile changes nothing, and says so', async (_, values, part, after) => {
  await begin({ id: 'server.week' });
  const request = await requested(await refused());
  const answer = messageOf(await stage.ada.command(stage.channel, `budget ${part}`, values));
  await stage.says(answer, part === 'set' ? 'From now on' : 'Removed');
  await stage.ada.press(request, 'Raise');
  await stage.says(request, 'That limit was changed or removed after');
  expect(labels(request)).toEqual([]);
  expect(await limits()).toEqual(after);
});

test('the second of two requests is told that the limit was raised already, and to what', async () => {
  await begin({});
  const [first, second] = [await requested(await refused()), await requested(await refused())];
  await stage.ada.press(first, 'Raise by 4');
  await stage.says(first, 'raised the limit');
  await stage.ada.press(second, 'Raise by 4');
  await stage.says(second, `That limit was raised already after <@${stage.ben.user.id}> had asked: 7 credits a week`);
  expect(labels(second)).toEqual([]);
  expect(await limits()).toEqual([price]);
});

test('it is asked once for each card, and only by whose card it is', async () => {
  await begin({});
  const card = await refused();
  const request = await requested(card);
  await stage.discord.world.until(
    () => stage.log.some((line) => line.includes('asked to raise a limit')),
    'the record',
  );
  expect(textOf(await requested(card))).toBe(
    `This was asked already: https://discord.com/channels/${stage.guild.id}/${stage.channel.id}/${request.id} (KD-591)`,
  );
  expect(textOf(messageOf(await stage.ada.press(card, 'Ask for more')))).toContain('who started this, can press that');
});

test('where there is room by now, it says so and asks nobody', async () => {
  await begin({ id: 'server.week' });
  const card = await refused();
  await stage.says(
    messageOf(await stage.ada.command(stage.channel, 'budget set', { credits: 50, per: 'week' })),
    'From',
  );
  expect(textOf(await requested(card))).toContain('That limit was changed or has room by now.');
});

test('a request survives a restart', async () => {
  const first = await begin({ scope: 'channel', target: stage.channel.id });
  const request = await requested(await refused());
  await first.stop();
  await stage.startBot();
  await stage.ada.press(request, 'Raise by 4');
  await stage.says(request, `raised the limit: 7 credits a week for <#${stage.channel.id}>`);
  expect(await limits()).toEqual([price]);
});

test('what ended for another reason cannot ask for more, whatever id is pressed', async () => {
  await begin({ credits: 100 });
  const card = await ask(stage.ben);
  await stage.says(card, 'Confirm ·');
  await stage.ben.press(card, 'Cancel');
  await stage.says(card, 'Cancelled');
  expect(labels(card)).not.toContain('Ask for more');
  expect(textOf(messageOf(await stage.ben.pressRaw(card, `flow:ask:${idIn(card)}`)))).toContain('too old');
});
