import { expect, test } from 'vitest';
import type { Person } from '../../playground/discord/person.ts';
import type { Channel, Message } from '../../playground/discord/world.ts';
import type { Limit } from '../../src/guilds/limits.ts';
import { people } from '../people.ts';
import { labels, messageOf, textOf, useStage } from '../stage.ts';

/** Spend limits cannot be passed: not by one credit, by many at the same moment, a kill, or a price that moves. */
const stage = useStage();

/** What a picture costs. */
const price = 7;
const spent = () => 1000 - stage.kubeez.platform.credits;

type Wish = Pick<Limit, 'credits' | 'scope'> & Partial<Limit>;

/** Limits as a server has stored them, while no bot runs. */
const limit = (...limits: Wish[]) =>
  stage.writeRecord(`guild:${stage.guild.id}`, {
    v: 1,
    limits: limits.map((one, index) => ({ id: `limit-${index}`, per: 'week', target: null, ...one })),
  });

const ask = async (person: Person, prompt: string, channel: Channel = stage.channel) =>
  messageOf(await person.command(channel, 'image', { prompt, model: 'nano-banana' }));

/** Somebody asks for a picture and confirms its price. */
async function confirmed(person: Person, prompt: string, channel: Channel = stage.channel): Promise<Message> {
  const card = await ask(person, prompt, channel);
  await stage.says(card, 'Confirm ·');
  await person.press(card, 'Confirm');
  return card;
}

/** The same, all the way to its picture. */
async function made(person: Person, prompt: string, channel: Channel = stage.channel): Promise<Message> {
  const card = await confirmed(person, prompt, channel);
  await stage.says(card, '✅');
  await stage.saved(card, 'delivered');
  return card;
}

/** Nobody is offered Confirm, and the card says which limit is full. */
async function refused(card: Message, sentence: string): Promise<void> {
  await stage.says(card, sentence);
  expect(textOf(card)).toContain('Nothing was spent.');
  expect(labels(card).some((label) => label.startsWith('Confirm'))).toBe(false);
}

test('a server’s limit: what is left is on the card, what fits to the credit goes on, the next one is refused', async () => {
  await limit({ scope: 'server', credits: 2 * price });
  await stage.startBot();
  await made(stage.ada, 'one');
  const second = await ask(stage.ben, 'two');
  await stage.says(second, 'This server’s limit: 0 of 14 credits left this week after this');
  await stage.ben.press(second, 'Confirm');
  await stage.says(second, '✅');
  await refused(await ask(stage.ada, 'three'), 'This server’s limit for this week is full: 14 of 14 credits are used');
  expect(spent()).toBe(2 * price);
});

test('one credit too few is too few', async () => {
  await limit({ scope: 'server', credits: 2 * price - 1, per: 'day' });
  await stage.startBot();
  await made(stage.ada, 'one');
  await refused(
    await ask(stage.ada, 'two'),
    'for today has no room for this: 7 of 13 credits are used, and this costs 7',
  );
});

test('a person’s limit is theirs alone', async () => {
  await limit({ scope: 'person', target: stage.ada.user.id, credits: price });
  await stage.startBot();
  await made(stage.ada, 'one');
  await refused(await ask(stage.ada, 'two'), 'Your limit for this week is full');
  await made(stage.ben, 'three');
  const ben = await ask(stage.ben, 'four');
  await stage.says(ben, 'Confirm ·');
  expect(textOf(ben)).not.toContain('limit');
});

test('a role’s limit is for each person with the role, and of several roles the highest counts', async () => {
  const { world } = stage.discord;
  const artists = world.addRole(stage.guild, 'Artists', [], [stage.ada.user, stage.ben.user]);
  const leads = world.addRole(stage.guild, 'Leads', [], [stage.ben.user]);
  await limit(
    { scope: 'role', target: artists.id, credits: price },
    { scope: 'role', target: leads.id, credits: 2 * price },
  );
  await stage.startBot();
  await made(stage.ada, 'one');
  await refused(await ask(stage.ada, 'two'), 'Your limit for this week is full: 7 of 7');
  await made(stage.ben, 'three');
  await made(stage.ben, 'four');
  await refused(await ask(stage.ben, 'five'), 'Your limit for this week is full: 14 of 14');
});

test('a limit of the role that everybody has is for each person', async () => {
  await stage.startBot();
  stage.guild.admins.add(stage.ada.user.id);
  const set = await stage.ada.command(stage.channel, 'budget set', {
    credits: price,
    per: 'day',
    role: stage.guild.id,
  });
  await stage.says(messageOf(set), 'From now on');
  await made(stage.ben, 'one');
  await refused(await ask(stage.ben, 'two'), 'Your limit for today is full: 7 of 7');
  await stage.says(messageOf(await stage.ben.command(stage.channel, 'budget show')), 'Your limit: **0 of 7 credits**');
  await made(stage.ada, 'three');
});

test('a channel’s limit holds in its threads as well, and nowhere else', async () => {
  const other = stage.discord.world.addChannel(stage.guild, 'posters');
  await limit({ scope: 'channel', target: stage.channel.id, credits: 2 * price });
  await stage.startBot();
  await made(stage.ada, 'one', stage.thread);
  await made(stage.ben, 'two');
  await refused(await ask(stage.ben, 'three', stage.thread), 'This channel’s limit for this week is full');
  await made(stage.ben, 'four', other);
});

test('a DM has no limits, and those of another server do not matter', async () => {
  await limit({ scope: 'server', credits: 0 }, { scope: 'person', target: stage.ada.user.id, credits: 0 });
  const other = stage.discord.world.addGuild('Elsewhere', [stage.ada.user]);
  const channel = stage.discord.world.addChannel(other, 'general');
  await stage.startBot();
  await refused(await ask(stage.ada, 'one'), 'is full: 0 of 0 credits are used');
  await made(stage.ada, 'two', channel);
  await made(stage.ada, 'three', stage.discord.world.dmWith(stage.ada.user));
});

test('a limit renews when its period is over', async () => {
  await limit({ scope: 'server', credits: price, per: 'day' });
  await stage.startBot();
  await made(stage.ada, 'one');
  await refused(await ask(stage.ada, 'two'), 'for today is full');
  stage.clock.advance(24 * 3_600_000);
  await made(stage.ada, 'three');
});

test('50 people who confirm at once against a limit for 7: 7 start, and the limit is not passed', async () => {
  stage.holdJobs();
  await limit({ scope: 'server', credits: 7 * price + 3 });
  await stage.startBot();
  const cards = await Promise.all(
    people(stage, 50).map(async (person, index) => ({ person, card: await ask(person, `fox ${index}`) })),
  );
  for (const { card } of cards) await stage.says(card, 'Confirm ·');
  await Promise.all(cards.map(({ person, card }) => person.press(card, 'Confirm')));
  const isRefused = ({ card }: (typeof cards)[number]) => textOf(card).includes('has no room for this: 49 of 52');
  await stage.discord.world.until(() => cards.filter(isRefused).length === 43, 'the others');
  expect(stage.paid()).toBe(7);
  expect(spent()).toBe(7 * price);
});

test('what is held is held after a restart, by a bot that has not seen it start', async () => {
  stage.holdJobs();
  await limit({ scope: 'server', credits: 3 * price });
  const first = await stage.startBot();
  await confirmed(stage.ada, 'one');
  await confirmed(stage.ben, 'two');
  await stage.job(2);
  // Confirmed by nobody yet: it holds nothing.
  const third = await ask(stage.ada, 'three');
  await stage.says(third, 'This server’s limit: 0 of 21 credits left this week after this');
  await first.stop();
  await stage.startBot();
  const fourth = await ask(stage.ben, 'four');
  await stage.says(fourth, 'Confirm ·');
  await stage.ada.press(third, 'Confirm');
  await stage.job(3);
  await stage.ben.press(fourth, 'Confirm');
  await refused(fourth, 'is full: 21 of 21 credits are used');
  expect(stage.paid()).toBe(3);
});

test('what was spent is known after a restart, from the ledger', async () => {
  await limit({ scope: 'person', target: stage.ada.user.id, credits: price });
  const first = await stage.startBot();
  await made(stage.ada, 'one');
  await first.stop();
  await stage.startBot();
  await refused(await ask(stage.ada, 'two'), 'Your limit for this week is full: 7 of 7');
});

test('a price that goes up between quote and start is asked for again at the new price', async () => {
  await limit({ scope: 'server', credits: price });
  await stage.startBot();
  const card = await ask(stage.ada, 'one');
  await stage.says(card, 'Confirm ·');
  stage.kubeez.platform.row('nano-banana').cost_per_generation = 8;
  await stage.ada.press(card, 'Confirm');
  await refused(card, 'has no room for this: 0 of 7 credits are used, and this costs 8');
  expect(stage.paid()).toBe(0);
});

test('what is unclear counts until it is settled', async () => {
  stage.kubeez.platform.settings.historyLag = 3_600_000;
  await limit({ scope: 'server', credits: price });
  await stage.startBot();
  stage.kubeez.faults.push({ tool: /^generate_media$/, how: 'errorBefore', times: 1, text: 'Internal server error' });
  const card = await confirmed(stage.ada, 'one');
  await stage.inTime(stage.says(card, 'It may have cost up to 7 credits.'));
  await refused(await ask(stage.ben, 'two'), 'is full: 7 of 7 credits are used');
});

test('after Start again both starts count: the unclear one, and the new one', async () => {
  stage.kubeez.platform.settings.historyLag = 3_600_000;
  await limit({ scope: 'server', credits: 3 * price - 1 });
  const first = await stage.startBot();
  stage.kubeez.faults.push({ tool: /^generate_media$/, how: 'lost', times: 1 });
  const card = await confirmed(stage.ada, 'one');
  await stage.inTime(stage.says(card, 'It may have cost up to 7 credits.'));
  await stage.ada.press(card, 'Start again');
  await stage.says(card, 'This server’s limit: 6 of 20 credits left this week after this');
  await stage.ada.press(card, 'Confirm');
  await stage.inTime(stage.says(card, '✅'));
  await stage.saved(card, 'delivered');
  await refused(await ask(stage.ben, 'two'), 'has no room for this: 14 of 20 credits are used');
  // And so after a restart, by the ledger.
  await first.stop();
  await stage.startBot();
  await refused(await ask(stage.ben, 'three'), 'has no room for this: 14 of 20 credits are used');
});

test.each([
  ['its status', true],
  ['the history alone', false],
])('a job that failed and, as %s says, was not charged gives its credits back', async (_, chargesInStatus) => {
  stage.holdJobs();
  stage.kubeez.platform.settings.chargesInStatus = chargesInStatus;
  await limit({ scope: 'server', credits: price });
  await stage.startBot();
  const card = await confirmed(stage.ada, 'one');
  const job = await stage.job();
  await refused(await ask(stage.ben, 'two'), 'is full: 7 of 7 credits are used');
  stage.kubeez.platform.finish(job.id, 'failed');
  await stage.inTime(stage.says(card, 'Nothing was charged.'));
  const next = await ask(stage.ben, 'three');
  await stage.says(next, 'This server’s limit: 0 of 7 credits left this week after this');
});

test('a start that Kubeez refuses gives its credits back', async () => {
  await limit({ scope: 'server', credits: price });
  await stage.startBot();
  stage.kubeez.faults.push({
    tool: /^generate_media$/,
    how: 'errorBefore',
    times: 1,
    text: 'Your prompt was flagged.',
  });
  const card = await confirmed(stage.ada, 'one');
  await stage.says(card, 'content check refused this');
  await made(stage.ada, 'two');
});

test('whoever lost the role between quote and Confirm counts without it', async () => {
  const { world } = stage.discord;
  const leads = world.addRole(stage.guild, 'Leads', [], [stage.ada.user]);
  const everybody = world.addRole(stage.guild, 'Artists', [], [stage.ada.user]);
  await limit(
    { scope: 'role', target: leads.id, credits: 100 },
    { scope: 'role', target: everybody.id, credits: price - 1 },
  );
  await stage.startBot();
  const card = await ask(stage.ada, 'one');
  await stage.says(card, 'Your limit: 93 of 100 credits left this week after this');
  stage.guild.memberRoles.get(stage.ada.user.id)?.delete(leads.id);
  await stage.ada.press(card, 'Confirm');
  await refused(card, 'Your limit for this week has no room for this: 0 of 6');
  expect(stage.paid()).toBe(0);
});

test('every credit has a name on it: the ledger is what the platform took, job by job', async () => {
  stage.kubeez.platform.settings.chargesInStatus = true;
  await stage.startBot();
  await made(stage.ada, 'one');
  await made(stage.ben, 'two', stage.thread);
  const entries = stage
    .rows()
    .filter(({ key }) => /:ledger:\d{4}-\d\d:[a-z0-9]{8}:/.test(key))
    .map(({ value }) => JSON.parse(value).value);
  const jobs = [...stage.kubeez.platform.jobs.values()];
  const byJob = (a: { job: string }, b: { job: string }) => a.job.localeCompare(b.job);
  expect(entries.map(({ job, credits, person, channel }) => ({ job, credits, person, channel })).sort(byJob)).toEqual(
    [stage.ada, stage.ben]
      .map(({ user }, index) => ({
        job: jobs[index]?.id ?? '',
        credits: jobs[index]?.cost,
        person: user.id,
        channel: stage.channel.id,
      }))
      .sort(byJob),
  );
});
