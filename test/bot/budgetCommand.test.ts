import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { Person } from '../../playground/discord/person.ts';
import type { Channel, Message } from '../../playground/discord/world.ts';
import { csvOf } from '../../src/commands/budget/export.ts';
import type { Entry } from '../../src/guilds/entries.ts';
import { makingOn } from '../making.ts';
import { messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
const { made } = makingOn(stage);

const fox = { prompt: 'a fox', model: 'nano-banana' };
const managersOnly = 'Only somebody who may manage this server can do that. (KD-608)';

/** Uses a part of `/budget` and gives the answer, once it says something. */
async function budget(
  part: string,
  values: Parameters<Person['command']>[2] = {},
  person = stage.ada,
  channel: Channel = stage.channel,
): Promise<Message> {
  const answer = messageOf(await person.command(channel, `budget ${part}`, values));
  await stage.discord.world.until(() => textOf(answer) !== '', 'an answer');
  return answer;
}

const said = async (...given: Parameters<typeof budget>) => textOf(await budget(...given));

/** Ada may manage the server. */
const appoint = () => stage.guild.admins.add(stage.ada.user.id);

test('a manager sets a limit and it holds at once; everybody sees what is left for them, and nothing else', async () => {
  appoint();
  await stage.startBot();
  expect(await said('show', {}, stage.ben)).toBe('Budget\nNo limit applies to you here.');
  expect(await said('set', { credits: 10, per: 'week' })).toBe('From now on: 10 credits a week for the whole server.');
  await made('image', fox);
  const card = messageOf(await stage.ben.command(stage.channel, 'image', fox));
  await stage.says(card, 'This server’s limit for this week has no room for this: 7 of 10 credits are used');
  const ben = await said('show', {}, stage.ben);
  expect(ben).toMatch(/^Budget\nThis server’s limit: \*\*3 of 10 credits\*\* left this week. It renews <t:\d+:R>\.$/);
  const answer = await budget('show');
  expect(answer.ephemeralFor).toBe(stage.ada.user.id);
  expect(textOf(answer)).toContain('10 credits a week for the whole server · 7 used');
});

test('a limit is for the server, or for the one channel, role or person that was named', async () => {
  appoint();
  const role = stage.discord.world.addRole(stage.guild, 'Artists', [], [stage.ben.user]);
  await stage.startBot();
  expect(await said('set', { credits: 20, per: 'day', channel: stage.channel.id })).toBe(
    `From now on: 20 credits a day for <#${stage.channel.id}>.`,
  );
  expect(await said('set', { credits: 30, per: 'week', role: role.id })).toBe(
    `From now on: 30 credits a week for <@&${role.id}> (each person).`,
  );
  expect(await said('set', { credits: 40, per: 'month', person: stage.ben.user.id })).toBe(
    `From now on: 40 credits a month for <@${stage.ben.user.id}>.`,
  );
  expect(await said('set', { credits: 1, per: 'day', role: role.id, person: stage.ben.user.id })).toContain(
    'Name a channel, a role or a person',
  );
  expect(await said('set', { credits: 50, per: 'week', role: role.id })).toContain('Until now it was 30 credits.');
  const ben = await said('show', {}, stage.ben, stage.thread);
  expect(ben).toContain('This channel’s limit: **20 of 20 credits** left today');
  expect(ben).toContain('Your limit: **50 of 50 credits** left this week');
  expect(ben).toContain('Your limit: **40 of 40 credits** left this month');
});

test('a limit that is set while jobs run counts what they hold', async () => {
  appoint();
  stage.holdJobs();
  await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', fox));
  await stage.says(card, 'Confirm ·');
  await stage.ada.press(card, 'Confirm');
  await stage.job();
  await budget('set', { credits: 13, per: 'day' });
  const next = messageOf(await stage.ben.command(stage.channel, 'image', fox));
  await stage.says(next, 'has no room for this: 7 of 13');
});

test('a limit is removed by picking it, and then holds no more', async () => {
  appoint();
  const role = stage.discord.world.addRole(stage.guild, 'Artists');
  await stage.startBot();
  await budget('set', { credits: 0, per: 'week' });
  await budget('set', { credits: 5, per: 'day', role: role.id });
  const choices = await stage.ada.suggestions(stage.channel, 'budget remove', 'limit', 'server');
  expect(choices?.map(({ name }) => name)).toEqual(['0 credits a week for the whole server']);
  const all = await stage.ada.suggestions(stage.channel, 'budget remove', 'limit', '');
  expect(all?.map(({ name }) => name)).toContain('5 credits a day for @Artists (each person)');
  expect(await said('remove', { limit: String(choices?.[0]?.value) })).toBe(
    'Removed: 0 credits a week for the whole server.',
  );
  expect(await said('remove', { limit: String(choices?.[0]?.value) })).toContain('There is no such limit.');
  await made('image', fox);
});

test('who may not manage the server changes nothing, exports nothing, and is suggested nothing', async () => {
  appoint();
  await stage.startBot();
  await budget('set', { credits: 10, per: 'week' });
  expect(await said('set', { credits: 1000, per: 'week' }, stage.ben)).toBe(managersOnly);
  expect(await said('remove', { limit: 'server.week' }, stage.ben)).toBe(managersOnly);
  expect(await said('export', {}, stage.ben)).toBe(managersOnly);
  expect(await stage.ben.suggestions(stage.channel, 'budget remove', 'limit', '')).toEqual([]);
  expect(await said('show')).toContain('10 credits a week for the whole server');
});

test('a manager of one server neither reads nor changes what is another’s', async () => {
  appoint();
  const { world } = stage.discord;
  const other = world.addGuild('Elsewhere', [stage.ben.user]);
  other.admins.add(stage.ben.user.id);
  const channel = world.addChannel(other, 'general');
  await stage.startBot();
  await budget('set', { credits: 100, per: 'week' });
  await made('image', fox);
  expect(await said('remove', { limit: 'server.week' }, stage.ben, channel)).toContain('There is no such limit.');
  expect(await stage.ben.suggestions(channel, 'budget remove', 'limit', '')).toEqual([]);
  const shown = await said('show', {}, stage.ben, channel);
  expect(shown).toContain('None. `/budget set` sets one.');
  expect(shown).toContain('Nothing was spent in');
  expect(await said('export', {}, stage.ben, channel)).toContain('Nothing was spent in');
  await budget('set', { credits: 1, per: 'week' }, stage.ben, channel);
  expect(await said('show')).toContain('100 credits a week for the whole server · 7 used');
});

test('managers see who spent what on which model, this month and before', async () => {
  appoint();
  await stage.startBot();
  await made('image', fox);
  await made('image', { prompt: 'another fox', model: 'nano-banana' });
  const month = new Date(stage.clock.now()).toISOString().slice(0, 7);
  const shown = await said('show');
  expect(shown).toContain(`**Spent in ${month}: 14 credits**`);
  expect(shown).toContain(`<@${stage.ada.user.id}> · 14 credits`);
  expect(shown).toContain('nano-banana · 14 credits');
  expect(await said('show', { month })).toBe(shown);
  expect(await said('show', { month: '2020-01' })).toContain('Nothing was spent in 2020-01.');
  expect(await said('show', { month: '2020-13' })).toContain('That is no month.');
});

test('managers see a month as a picture as well, which says in words what it shows; nobody else does', async () => {
  appoint();
  await stage.startBot();
  await made('image', fox);
  stage.clock.advance(26 * 3_600_000);
  await made('image', fox);
  const [first, second] = [stage.clock.now() - 26 * 3_600_000, stage.clock.now()].map((at) => new Date(at));
  const month = second?.toISOString().slice(0, 7);
  const answer = await budget('show');
  const [picture] = answer.attachments;
  expect(answer.attachments.length).toBe(1);
  expect(picture?.filename).toBe(`spent-${month}.png`);
  expect(picture?.description).toContain(`${second?.getUTCDate()}: 7`);
  if (first?.getUTCMonth() === second?.getUTCMonth())
    expect(picture?.description).toContain(`${first?.getUTCDate()}: 7`);
  expect(picture?.description).toContain('By kind: Image: ');
  expect(textOf(answer)).toMatch(/`1` <@\d+> · \d+ credits/);
  expect(textOf(answer)).toMatch(/🟦 Image · \d+ credits/);
  const png = Buffer.from(await (await fetch(picture?.url ?? '')).arrayBuffer());
  const { format, width = 0, height = 0 } = await sharp(png).metadata();
  expect(format).toBe('png');
  expect(width).toBeGreaterThan(800);
  expect(height).toBeGreaterThan(300);
  expect((await budget('show', {}, stage.ben)).attachments).toEqual([]);
  expect((await budget('show', { month: '2020-01' })).attachments).toEqual([]);
});

test('a month of the ledger as a table', async () => {
  appoint();
  stage.kubeez.platform.settings.chargesInStatus = true;
  await stage.startBot();
  await made('image', fox);
  const answer = await budget('export');
  expect(answer.attachments.map(({ filename }) => filename)).toEqual([
    `ledger-${new Date(stage.clock.now()).toISOString().slice(0, 7)}.csv`,
  ]);
  expect(answer.ephemeralFor).toBe(stage.ada.user.id);
  const table = await (await fetch(answer.attachments[0]?.url ?? '')).text();
  const [head, row] = table.split('\r\n');
  expect(head).toBe('time,state,credits,person,person name,channel,channel name,kind,model,account,flow,run,job');
  const [person, channel] = [`${stage.ada.user.id},Ada`, `${stage.channel.id},${stage.channel.name}`];
  expect(row).toContain(`,settled,7,${person},${channel},image,nano-banana,default,`);
});

test('whoever and whatever cannot be named keeps its id alone; whoever left is named all the same', async () => {
  appoint();
  const other = stage.discord.world.addChannel(stage.guild, 'other');
  await stage.startBot();
  await made('image', fox);
  const card = messageOf(await stage.ben.command(other, 'image', fox));
  await stage.says(card, 'Confirm ·');
  await stage.ben.press(card, 'Confirm');
  await stage.says(card, '✅');
  stage.discord.world.channels.delete(other.id);
  stage.guild.members.delete(stage.ben.user.id);
  stage.discord.api.faults.push({ match: new RegExp(`^GET .*/${stage.ada.user.id}$`), answer: 404, times: 1000 });
  await expect.poll(async () => textOf(await budget('export'))).toContain('2 entries');
  const answer = await budget('export');
  const table = await (await fetch(answer.attachments[0]?.url ?? '')).text();
  expect(table).toContain(`,${stage.ada.user.id},,${stage.channel.id},${stage.channel.name},`);
  expect(table).toContain(`,${stage.ben.user.id},Ben,${other.id},,`);
});

test('nothing in the table is a formula', () => {
  const entry: Entry = {
    v: 1,
    flow: 'k3f9abcd',
    run: 0,
    person: '1000',
    channel: '3000',
    recipe: 'image',
    model: '=HYPERLINK("https://example.com","x")',
    account: '+1',
    job: '-2',
    credits: 7,
    at: 0,
    state: 'settled',
  };
  const names = new Map([
    ['1000', '=1+1'],
    ['3000', ' @x'],
  ]);
  const cells = csvOf([entry, { ...entry, model: '@sum', account: '\t=1', job: 'a,b' }], names).split('\r\n');
  expect(cells[1]).toBe(
    `1970-01-01T00:00:00.000Z,settled,7,1000,'=1+1,3000,' @x,image,"'=HYPERLINK(""https://example.com"",""x"")",'+1,k3f9abcd,1,'-2`,
  );
  expect(cells[2]).toContain(`,'@sum,'\t=1,k3f9abcd,1,"a,b"`);
});
