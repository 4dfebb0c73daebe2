import { expect, test } from 'vitest';
import type { Person } from '../../playground/discord/person.ts';
import type { Channel, Message } from '../../playground/discord/world.ts';
import { impersonal, personal } from '../../src/commands/privacy/kinds.ts';
import { startDyingBot } from '../dyingBot.ts';
import { idIn, labels, messageOf, textOf, uploadLink, useStage } from '../stage.ts';

/** What is kept about a person: shown, exported, forgotten. */
const stage = useStage();

const price = 7;

/** A person's limit with room for one picture and no more. */
const settings = (person: string) => ({
  v: 1,
  limits: [{ id: 'own', credits: 10, per: 'month', scope: 'person', target: person, label: 'them' }],
  blocked: { people: [], words: [] },
});

const dms = (person: Person) => stage.discord.world.dmWith(person.user);

async function quoted(person: Person, prompt: string, channel: Channel): Promise<Message> {
  const card = messageOf(await person.command(channel, 'image', { prompt, model: 'nano-banana' }));
  await stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm'), 'a price');
  return card;
}

/** Makes a picture, all the way to its record. */
async function made(person: Person, prompt: string, channel = stage.channel): Promise<Message> {
  const card = await quoted(person, prompt, channel);
  await person.press(card, 'Confirm');
  const isListed = () => stage.rows().some(({ key, value }) => /:made:/.test(key) && value.includes(idIn(card)));
  await stage.discord.world.until(() => textOf(card).includes('✅'), 'the result');
  await expect.poll(isListed).toBe(true);
  return card;
}

/** Everything that leaves a trace of Ada, and something of Ben's. */
async function journey(): Promise<{ card: Message; refused: Message }> {
  const { ada, ben, channel } = stage;
  const card = await made(ada, 'a shy heron');
  await made(ben, 'a loud gull');
  await made(ada, 'a heron in private', dms(ada));
  // A limit that has no room for more, and the request to raise it.
  const refused = messageOf(await ada.command(channel, 'image', { prompt: 'a second heron', model: 'nano-banana' }));
  await stage.says(refused, 'Ask for more');
  await ada.press(refused, 'Ask for more');
  // What was typed into a command that was refused, and a request that was cancelled while it waited for files.
  await ada.command(channel, 'image', { prompt: 'a heron in a frame', model: 'nano-banana', aspect: 'round' });
  const edit = messageOf(await ada.command(channel, 'edit', { prompt: 'a heron at night', model: 'nano-banana-edit' }));
  await uploadLink(stage);
  await stage.says(edit, 'Waiting for');
  await ada.press(edit, 'Cancel');
  await stage.says(edit, 'Cancelled');
  await ada.command(channel, 'preferences', { mentions: false });
  await expect.poll(() => stage.rows().some(({ key }) => key.includes(':draft:'))).toBe(true);
  await expect.poll(() => stage.rows().some(({ key }) => key.endsWith(`:person:${ada.user.id}`))).toBe(true);
  await expect.poll(() => openOf().length).toBe(0);
  // How often models were used is written a minute later.
  stage.clock.advance(60_000);
  await expect.poll(() => stage.rows().some(({ key }) => key.endsWith(':popularity'))).toBe(true);
  return { card, refused };
}

/** Flows that are on a list of open ones. */
const openOf = () =>
  stage
    .rows()
    .filter(({ key }) => key.endsWith(':open'))
    .flatMap(({ value }) => JSON.parse(value).value.ids);

async function answer(person: Person, what: string, text: string, channel = stage.channel): Promise<Message> {
  const message = messageOf(await person.command(channel, `privacy ${what}`));
  expect(message.ephemeralFor).toBe(person.user.id);
  await stage.says(message, text);
  return message;
}

async function forget(person: Person, channel = stage.channel): Promise<Message> {
  const question = await answer(person, 'forget', 'This cannot be undone', channel);
  await person.press(question, 'Forget me');
  await stage.says(question, 'Done. I keep nothing about you');
  expect(labels(question)).toEqual([]);
  return question;
}

const plainKey = (key: string) => key.replace(/^kubeez:/, '');
const kindOf = (key: string) => [...personal, ...impersonal].filter(({ keys }) => keys.test(plainKey(key)));

/** Records that tell of Ada still. */
const traces = () => {
  const words = new RegExp(`${stage.ada.user.id}|\\bAda\\b|heron`);
  return stage.rows().filter(({ key, value }) => words.test(key) || words.test(value));
};

/** The newest file of a message in Ada's DMs. */
async function exported(message: Message): Promise<string> {
  const [file] = message.attachments;
  return (await fetch(file?.url ?? '')).text();
}

async function begin() {
  await stage.writeRecord(`guild:${stage.guild.id}`, settings(stage.ada.user.id));
  return stage.startBot();
}

test('after forget nothing in the store tells of the person, except where the list says why', async () => {
  const bot = await begin();
  const { card, refused } = await journey();
  const before = stage.rows();
  // A new kind of record has to say what is exported and forgotten of it.
  for (const { key } of before) expect([key, kindOf(key).length]).toEqual([key, 1]);
  const told = new Set(traces().map(({ key }) => kindOf(key)[0]?.name));
  expect([...told].sort()).toEqual(
    ['preferences', 'drafts', 'modelsInDms', 'raiseRequests', 'ledger', 'history', 'requests', 'servers'].sort(),
  );

  await forget(stage.ada);
  const left = traces();
  for (const { key } of left) {
    const [kind] = kindOf(key);
    expect([key, kind && 'stays' in kind]).toEqual([key, true]);
  }
  expect(left.map(({ key }) => plainKey(key))).toEqual([`guild:${stage.guild.id}`]);
  // Ben's are as they were.
  const ofBen = (rows: typeof before) =>
    rows
      .filter(({ value }) => value.includes(stage.ben.user.id))
      .filter(({ key }) => /:(flow|person|guild:\d+:ledger):/.test(key));
  expect(ofBen(stage.rows())).toEqual(ofBen(before));
  expect(stage.rows().some(({ key, value }) => /:made:/.test(key) && value.includes('a loud gull'))).toBe(true);
  // The sums stay.
  const entries = stage.rows().filter(({ key }) => /:ledger:\d{4}-\d\d:\w{8}:/.test(key));
  const credits = entries.reduce((sum, { value }) => sum + JSON.parse(value).value.credits, 0);
  expect([entries.length, credits]).toEqual([2, 2 * price]);

  // Her cards stay, and lead nowhere.
  expect(textOf(card)).toContain('✅');
  expect(messageOf(await stage.ada.press(card, 'Again')).content).toContain('too old');
  expect(labels(refused)).toContain('Ask for more');

  // To be forgotten is no way round a limit; also not for a process that knows no more than the store.
  await bot.stop();
  await stage.startBot();
  const again = messageOf(
    await stage.ada.command(stage.channel, 'image', { prompt: 'one more', model: 'nano-banana' }),
  );
  await stage.says(again, 'Ask for more');
  stage.guild.admins.add(stage.ben.user.id);
  const budget = messageOf(await stage.ben.command(stage.channel, 'budget show'));
  await stage.says(budget, 'people who were forgotten');
  expect(textOf(budget)).not.toMatch(/forgotten-/);
});

test('show counts what there is, and export is a file by DM without other people and without keys', async () => {
  await begin();
  await answer(stage.ada, 'show', 'No requests');
  await journey();
  const shown = textOf(await answer(stage.ada, 'show', 'What I keep about you'));
  expect(shown).toContain('4 requests with prompt');
  expect(shown).toContain('2 entries in the history');
  expect(shown).toContain('1 entry in the ledgers');
  expect(shown).toContain('1 draft of');
  expect(shown).toContain('1 request to raise a limit');
  expect(shown).toContain('Your /preferences');
  expect(shown).toContain('1 server whose managers');

  await answer(stage.ada, 'export', 'I sent you the file by DM.');
  const sent = stage.ada.directMessages().at(-1);
  if (!sent) throw new Error('No file');
  const text = await exported(sent);
  const file = JSON.parse(text);
  for (const prompt of [
    'a shy heron',
    'a second heron',
    'a heron in private',
    'a heron in a frame',
    'a heron at night',
  ])
    expect(text).toContain(prompt);
  expect(text).not.toContain(stage.ben.user.id);
  expect(text).not.toContain('gull');
  expect(text).not.toContain('/upload/');
  expect(text).not.toMatch(/"token"/);
  expect(Object.keys(file).sort()).toEqual(['person', 'at', ...personal.map(({ name }) => name)].sort());
  expect(file.ledger).toMatchObject([{ server: stage.guild.id, credits: price, state: 'settled' }]);
  expect(file.preferences).toEqual([{ mentions: false, account: 'own', language: null }]);
  expect(file.servers).toMatchObject([{ server: stage.guild.id, isBlocked: false, limits: [{ credits: 10 }] }]);

  stage.ada.user.dmsOpen = false;
  const closed = await answer(stage.ada, 'export', 'This is all that I keep about you.');
  expect(JSON.parse(await exported(closed)).requests).toHaveLength(4);
});

test('while a request is open nothing is forgotten, neither asked nor pressed', async () => {
  await begin();
  const question = await answer(stage.ada, 'forget', 'This cannot be undone');
  stage.holdJobs();
  const card = await quoted(stage.ada, 'a shy heron', stage.channel);
  await stage.ada.press(card, 'Confirm');
  await stage.job();
  await answer(stage.ada, 'forget', '1 of your requests is still open', dms(stage.ada));
  await stage.ada.press(question, 'Forget me');
  await stage.says(question, '1 of your requests is still open');
  await stage.discord.world.until(() => textOf(card).includes(' s · '), 'the progress');
  expect((await stage.readFlow(idIn(card))).asked.prompt).toBe('a shy heron');
  stage.kubeez.platform.finish((await stage.job()).id);
  await stage.says(card, '✅');
  await expect.poll(() => openOf().length).toBe(0);
  await forget(stage.ada, dms(stage.ada));
  expect(traces().map(({ key }) => plainKey(key))).toEqual([`guild:${stage.guild.id}`]);
});

test('what an earlier version kept without a list by person is found by the history', async () => {
  const bot = await begin();
  const card = await made(stage.ada, 'a shy heron');
  await expect.poll(() => openOf().length).toBe(0);
  await bot.stop();
  stage.query(`DELETE FROM records WHERE key LIKE 'kubeez:person:%'`);
  await stage.startBot();
  const shown = await answer(stage.ada, 'show', 'What I keep about you');
  expect(textOf(shown)).toContain('1 request with prompt');
  await forget(stage.ada);
  expect(stage.rows().some(({ key }) => key.endsWith(`flow:${idIn(card)}`))).toBe(false);
  expect(traces().map(({ key }) => plainKey(key))).toEqual([`guild:${stage.guild.id}`]);
});

test('killed in the middle, and something new was begun before the next start went on: that stays, and they are told', async () => {
  const bot = await begin();
  const card = await quoted(stage.ada, 'a second heron', stage.channel);
  await bot.stop();
  await stage.writeRecord('forgetting:0/1', { v: 1, asked: [{ person: stage.ada.user.id, server: stage.guild.id }] });
  await stage.startBot();
  const told = () => stage.ada.directMessages().filter(({ content }) => content.includes('so I left the rest'));
  await expect.poll(() => told().length, { timeout: 20_000 }).toBe(1);
  expect((await stage.readFlow(idIn(card))).asked.prompt).toBe('a second heron');
  expect(stage.rows().some(({ key }) => key.includes('forgetting'))).toBe(false);
});

/** The first write of two steps of a forget; every other moment is the simulator's. */
const writes = ['INSERT .*:ledger:.*-0$', 'DELETE .*flow:'];

test.each(writes)(
  'killed in the middle of a forget (%s): it has not claimed anything, and the next start ends it and says so',
  async (write) => {
    const bot = await begin();
    await journey();
    await bot.stop();
    stage.discord.gateway.drop(true);
    const dying = startDyingBot(1, { ...stage.env, DIE_ON: write });
    const isThere = () => stage.discord.gateway.isListening(stage.guild.id);
    await stage.discord.world.until(isThere, 'the bot', 20_000);
    const question = await answer(stage.ada, 'forget', 'This cannot be undone');
    void stage.ada.press(question, 'Forget me');
    await dying.ended;
    expect(textOf(question)).not.toContain('Done');
    stage.discord.gateway.drop(true);

    await stage.startBot();
    const told = () => stage.ada.directMessages().filter(({ content }) => content.includes('It is done now'));
    await expect.poll(() => told().length, { timeout: 20_000 }).toBe(1);
    expect(traces().map(({ key }) => plainKey(key))).toEqual([`guild:${stage.guild.id}`]);
    const entries = stage.rows().filter(({ key }) => /:ledger:\d{4}-\d\d:\w{8}:/.test(key));
    expect(entries.map(({ value }) => JSON.parse(value).value.credits)).toEqual([price, price]);
  },
);
