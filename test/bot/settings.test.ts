import { beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '../../playground/discord/person.ts';
import { buttonsOf, selectsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { formOf, idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** What managers set on the card of `/settings`, and that nobody else can. */
const stage = useStage();

const fox = { prompt: 'a fox', model: 'nano-banana' };
const managersOnly = 'Only somebody who may manage this server can do that. (KD-608)';

/** Ada may manage the server. */
beforeEach(() => stage.guild.admins.add(stage.ada.user.id));

/** Opens the card, as soon as it says something. */
async function open(person = stage.ada, channel = stage.channel): Promise<Message> {
  const card = messageOf(await person.command(channel, 'settings'));
  await stage.discord.world.until(() => textOf(card) !== '', 'the card');
  return card;
}

const says = (card: Message, text: string) => stage.says(card, text);
const ask = async (person: Person, values: Parameters<Person['command']>[2] = fox, command = 'image') =>
  messageOf(await person.command(stage.channel, command, values));

/** Goes to one section of the card and picks in its menu. */
async function pick(card: Message, section: string, picked: string[], id = `settings:${section}`) {
  await stage.ada.select(card, 'settings:sections', [section]);
  await stage.discord.world.until(() => selectsOf(card).some(({ custom_id }) => custom_id === id), 'the section');
  await stage.ada.select(card, id, picked);
}

/** Fills in the form of numbers and times. */
async function setNumbers(card: Message, values: Record<string, string>) {
  const form = formOf(await stage.ada.press(card, 'Numbers'));
  return stage.ada.submit(stage.channel, form, values, card);
}

/** Sets the default model of a kind on its own card. */
async function setModel(card: Message, kind: string, model: string) {
  await stage.ada.select(card, 'settings:sections', [kind]);
  await says(card, `Default model of /${kind}`);
  const form = formOf(await stage.ada.press(card, 'Default model'));
  return stage.ada.submit(stage.channel, form, { model }, card);
}

test('with nothing set it says so, to its manager alone', async () => {
  await stage.startBot();
  const card = await open();
  expect(card.ephemeralFor).toBe(stage.ada.user.id);
  for (const line of [
    'Where I make things:** everywhere',
    'Who can make something:** everybody',
    'Who may press the buttons of others:** nobody',
    'Requests at once, each person:** as many as they like',
    'Pause between two starts of a person:** none',
    'Time zone:** UTC',
    'Mention people when theirs is ready:** yes',
  ])
    expect(textOf(card)).toContain(line);
  expect(buttonsOf(card).find(({ label }) => label === 'Undo the last change')?.disabled).toBe(true);
});

test('channels hold at once, are taken back once, and hold again', async () => {
  const other = stage.discord.world.addChannel(stage.guild, 'other');
  await stage.startBot();
  const card = await open();
  await pick(card, 'channels', [other.id]);
  await says(card, `Where I make things:** <#${other.id}>`);
  expect(selectsOf(card)[0]?.default_values).toMatchObject([{ id: other.id }]);
  await stage.ada.press(card, '◀ Back');
  await says(card, 'Last changed by');
  expect(textOf(card)).toMatch(new RegExp(`Last changed by <@${stage.ada.user.id}> <t:\\d+:R>`));
  expect((await ask(stage.ben)).content).toContain(`Use <#${other.id}>`);
  await stage.ada.press(card, 'Undo');
  await says(card, 'Where I make things:** everywhere');
  await says(await ask(stage.ben), 'Confirm ·');
  await stage.ada.press(card, 'Undo');
  await says(card, `Where I make things:** <#${other.id}>`);
});

test('roles for everything and for one kind, kept over a restart and by their ids', async () => {
  const { world } = stage.discord;
  const artists = world.addRole(stage.guild, 'Artists', [], [stage.ada.user, stage.ben.user]);
  const leads = world.addRole(stage.guild, 'Leads', [], [stage.ada.user]);
  const first = await stage.startBot();
  const card = await open();
  await pick(card, 'roles', [artists.id]);
  await says(card, `Who can make something:** <@&${artists.id}>`);
  await stage.ada.press(card, '◀ Back');
  await says(card, 'What you choose holds at once.');
  await pick(card, 'video', [leads.id], 'settings:kind:video');
  await says(card, `/video:** <@&${leads.id}>`);
  await stage.ada.press(card, '◀ Back');
  await says(card, 'What you choose holds at once.');
  expect(textOf(card)).toContain(`/video:** <@&${leads.id}>`);
  await first.stop();
  await stage.startBot();
  expect((await ask(stage.ben, { prompt: 'a fox' }, 'video')).content).toContain(`<@&${leads.id}> can use /video`);
  await says(await ask(stage.ben), 'Confirm ·');
  await says(await ask(stage.ada, { prompt: 'a fox' }, 'video'), 'Confirm ·');
  expect(await stage.readRecord(`guild:${stage.guild.id}`)).not.toContain('Artists');
});

test('numbers and times: requests at once, a pause, the time zone', async () => {
  await stage.startBot();
  const card = await open();
  await setNumbers(card, { maxFlows: '1', cooldown: '60', timeZone: 'europe/berlin', mentions: 'no' });
  await says(card, 'Requests at once, each person:** 1');
  for (const line of ['a person:** 60 s', 'Time zone:** Europe/Berlin', 'theirs is ready:** no'])
    expect(textOf(card)).toContain(line);
  await says(await ask(stage.ben), 'Confirm ·');
  expect((await ask(stage.ben)).content).toContain('allows everybody 1 request at once');
  await setNumbers(card, { maxFlows: '', cooldown: '', timeZone: '' });
  await says(card, 'Time zone:** UTC');
  await says(await ask(stage.ben), 'Confirm ·');
});

test('a day of a limit begins by the time zone that was set', async () => {
  await stage.startBot();
  const card = await open();
  await setNumbers(card, { timeZone: 'Pacific/Auckland' });
  await says(card, 'Pacific/Auckland');
  await says(messageOf(await stage.ada.command(stage.channel, 'budget set', { credits: 10, per: 'day' })), 'From now');
  const shown = messageOf(await stage.ben.command(stage.channel, 'budget show'));
  await says(shown, 'It renews');
  const renews = Number(/<t:(\d+):R>/.exec(textOf(shown))?.[1]) * 1000;
  expect(new Date(renews).toLocaleTimeString('en-GB', { timeZone: 'Pacific/Auckland' })).toBe('00:00:00');
});

test.each([
  [{ maxFlows: '0' }, 'I cannot allow “0” requests'],
  [{ maxFlows: '-1' }, 'I cannot allow “\\-1” requests'],
  [{ maxFlows: '1e3' }, 'I cannot allow “1e3”'],
  [{ cooldown: '99999' }, 'I cannot wait “99999” seconds'],
  [{ cooldown: '∞' }, 'I cannot wait “∞” seconds'],
  [{ timeZone: 'Atlantis' }, 'the time zone “Atlantis”'],
  [{ timeZone: '+01:00' }, 'the time zone “+01:00”'],
  [{ timeZone: '**@everyone** \u202e\u200b' }, 'the time zone “\\*\\*\\@everyone\\*\\*'],
])('a form with %j is refused in one sentence, and changes nothing', async (values, sentence) => {
  await stage.startBot();
  const card = await open();
  const before = textOf(card);
  const answer = messageOf(await setNumbers(card, values));
  expect(answer.ephemeralFor).toBe(stage.ada.user.id);
  expect(answer.content).toContain(sentence);
  expect(answer.content).toMatch(/Nothing was changed\. \(KD-\d{3}\)$/);
  expect(textOf(card)).toBe(before);
});

describe('a default model', () => {
  test('is taken where none was named, and the price says so; a named one still counts', async () => {
    await stage.startBot();
    const card = await open();
    const rows = stage.kubeez.platform.rows.filter(
      ({ generation_types: types, model_id: id }) => types.includes('text-to-image') && id !== 'nano-banana',
    );
    const name = rows.at(-1)?.display_name ?? '';
    await setModel(card, 'image', name.toUpperCase());
    await says(card, `Default model of /image:** ${name}`);
    const taken = await ask(stage.ben, { prompt: 'a fox' });
    await says(taken, `-# ${name}, the default model of this server.`);
    const named = await ask(stage.ben);
    await says(named, 'Confirm ·');
    expect(textOf(named)).not.toContain('the default model of this server');
    const choices = await stage.ben.suggestions(stage.channel, 'image', 'model', '');
    expect(choices?.[0]?.name).toContain(name);
  });

  test('one that Kubeez no longer has is passed over', async () => {
    await stage.writeRecord(`guild:${stage.guild.id}`, { v: 1, rules: { models: { image: 'gone' } } });
    await stage.startBot();
    await says(await ask(stage.ben, { prompt: 'a fox' }), 'Confirm ·');
    expect(textOf(await open())).toContain('Default model of /image:** gone');
  });

  test.each(['Banana Split', 'kling', '`**<@1>', 'x'.repeat(100)])('“%s” is no model for it', async (typed) => {
    await stage.startBot();
    const card = await open();
    const answer = messageOf(await setModel(card, 'image', typed));
    expect(answer.content).toContain('There is no model');
    expect(answer.content).toMatch(/Nothing was changed\. \(KD-\d{3}\)$/);
    expect(answer.content).not.toContain('<@1>');
  });
});

test('who may see the history of others: whoever has a role; the rest see what they made themselves', async () => {
  await stage.startBot();
  const mine = await ask(stage.ada);
  await says(mine, 'Confirm ·');
  await stage.ada.press(mine, 'Confirm');
  await says(mine, '✅');
  const listed = async (person: Person, text: string) =>
    says(messageOf(await person.command(stage.channel, 'history')), text);
  await listed(stage.ben, idIn(mine));
  const leads = stage.discord.world.addRole(stage.guild, 'Leads', [], [stage.ada.user]);
  const card = await open();
  await pick(card, 'viewers', [leads.id]);
  await says(card, `the history of others:** <@&${leads.id}>`);
  await listed(stage.ben, 'only some people may see what others made');
  await listed(stage.ada, idIn(mine));
  const suggested = async (person: Person) =>
    JSON.stringify(await person.suggestions(stage.channel, 'show', 'id', idIn(mine)));
  expect(await suggested(stage.ben)).not.toContain(idIn(mine));
  expect(await suggested(stage.ada)).toContain(idIn(mine));
});

describe('who may press the buttons of others', () => {
  /** Ben may press for others by his role. */
  async function withPresser() {
    const leads = stage.discord.world.addRole(stage.guild, 'Leads', [], [stage.ben.user]);
    const card = await open();
    await pick(card, 'pressers', [leads.id]);
    await says(card, `press the buttons of others:** <@&${leads.id}>`);
    return leads;
  }

  test('nobody, unless the server names a role; then it cancels and confirms, and the requester spends', async () => {
    const first = await stage.startBot();
    const mine = await ask(stage.ada);
    await says(mine, 'Confirm ·');
    expect(messageOf(await stage.ben.press(mine, 'Confirm')).content).toContain('who started this, can press that');
    await withPresser();
    await stage.ben.press(mine, 'Cancel');
    await says(mine, 'Cancelled.');
    const second = await ask(stage.ada);
    await says(second, 'Confirm ·');
    await first.stop();
    // The settings are not in memory any more.
    await stage.startBot();
    await stage.ben.press(second, 'Confirm');
    await says(second, '✅');
    const entry = await stage.discord.world.until(
      () => stage.rows().find(({ key }) => /:ledger:\d{4}-\d\d:[a-z0-9]{8}:/.test(key)),
      'an entry',
    );
    expect(entry.value).toContain(`"person":"${stage.ada.user.id}"`);
  });

  test('whoever lost the role, or is blocked, no longer; and nobody sees the upload link of others', async () => {
    await stage.startBot();
    const leads = await withPresser();
    const upload = await ask(stage.ada, { prompt: 'a hat' }, 'edit');
    await says(upload, 'Show link');
    expect(messageOf(await stage.ben.press(upload, 'Show link')).content).toContain('can press that');
    const card = await ask(stage.ada);
    await says(card, 'Confirm ·');
    stage.guild.memberRoles.get(stage.ben.user.id)?.delete(leads.id);
    expect(messageOf(await stage.ben.press(card, 'Cancel')).content).toContain('can press that');
    stage.guild.memberRoles.get(stage.ben.user.id)?.add(leads.id);
    await says(messageOf(await stage.ada.command(stage.channel, 'block', { person: stage.ben.user.id })), 'no longer');
    expect(messageOf(await stage.ben.press(card, 'Cancel')).content).toContain('can press that');
    expect(labels(card)).toContain('Cancel');
  });
});

test('a server that wants no mentions at the end mentions nobody', async () => {
  const bot = await stage.startBot();
  const card = await open();
  await setNumbers(card, { mentions: 'no' });
  await says(card, 'theirs is ready:** no');
  stage.holdJobs();
  const image = await ask(stage.ada);
  await says(image, 'Confirm ·');
  await stage.ada.press(image, 'Confirm');
  const job = await stage.job();
  await says(image, ' s · ');
  stage.clock.advance(40_000);
  stage.kubeez.platform.finish(job.id);
  await says(image, '✅');
  // Whatever was begun is done by then.
  await bot.stop();
  expect(stage.discord.world.messagesIn(stage.channel.id).some(({ mentions }) => mentions.length > 0)).toBe(false);
});

describe('as an attacker would', () => {
  test('nobody else opens it, presses on it, picks in it or sends its forms, and nothing changes', async () => {
    await stage.startBot();
    const card = await open();
    expect(textOf(await open(stage.ben))).toBe(managersOnly);
    const numbers = formOf(await stage.ada.press(card, 'Numbers'));
    const before = textOf(card);
    for (const id of ['settings:numbers', 'settings:undo', 'settings:back', 'settings:anew', 'settings:model:image'])
      expect(messageOf(await stage.ben.pressRaw(card, id)).content).toBe(managersOnly);
    for (const id of ['settings:channels', 'settings:sections'])
      expect(messageOf(await stage.ben.select(card, id, [stage.channel.id])).content).toBe(managersOnly);
    const answer = messageOf(await stage.ben.submit(stage.channel, numbers, { maxFlows: '1' }, card));
    expect(answer.content).toBe(managersOnly);
    // Somebody who was a manager when the card came.
    stage.guild.admins.delete(stage.ada.user.id);
    expect(messageOf(await stage.ada.press(card, 'Numbers')).content).toBe(managersOnly);
    expect(messageOf(await stage.ada.submit(stage.channel, numbers, { maxFlows: '1' }, card)).content).toBe(
      managersOnly,
    );
    expect(textOf(card)).toBe(before);
    await says(await ask(stage.ben), 'Confirm ·');
  });

  test('a manager of another server changes what is theirs, whatever the card', async () => {
    const { world } = stage.discord;
    const elsewhere = world.addGuild('Elsewhere', [stage.ben.user]);
    elsewhere.admins.add(stage.ben.user.id);
    const channel = world.addChannel(elsewhere, 'general');
    await stage.startBot();
    const card = await open(stage.ben, channel);
    await stage.ben.select(card, 'settings:sections', ['channels']);
    await says(card, 'In other channels nothing can be started.');
    await stage.ben.select(card, 'settings:channels', [channel.id]);
    await says(card, `<#${channel.id}>`);
    expect(textOf(await open())).toContain('Where I make things:** everywhere');
    await says(await ask(stage.ada), 'Confirm ·');
  });

  test.each([
    'settings:nothing',
    'settings:model:nothing',
    'settings:model:music',
    'settings:model:__proto__',
    'settings:kind:image:more',
  ])('a button with the forged id %s does nothing', async (id) => {
    await stage.startBot();
    const card = await open();
    const before = textOf(card);
    const outcome = await stage.ada.pressRaw(card, id);
    expect(messageOf(outcome).content).toMatch(/Nothing was (changed|spent)\. \(KD-\d{3}\)$/);
    expect(textOf(card)).toBe(before);
  });

  test('a menu of another kind, or values that no menu has, change nothing', async () => {
    await stage.startBot();
    const card = await open();
    const before = textOf(card);
    for (const [id, values] of [
      ['settings:sections', ['__proto__']],
      ['settings:sections', []],
      ['settings:channels', ['1']],
      ['settings:kind:image', ['1']],
      ['settings:kind:constructor', ['1']],
      ['settings:other', ['1']],
    ] as const)
      expect(messageOf(await stage.ada.select(card, id, [...values])).content).toContain('Nothing was changed.');
    expect(textOf(card)).toBe(before);
  });
});

test('settings that cannot be read: managers are shown the way to have some again', async () => {
  await stage.writeRecord(`guild:${stage.guild.id}`, { v: 1, limits: 'many' });
  await stage.startBot();
  expect((await ask(stage.ben)).content).toContain('mend that with `/settings`');
  const blocked = messageOf(await stage.ada.command(stage.channel, 'block', { word: 'fox' }));
  await says(blocked, '`/settings` shows how to have some again. Nothing was changed.');
  const card = await open();
  expect(textOf(card)).toContain('I cannot read the settings of this server, so nothing is started here.');
  expect(messageOf(await stage.ben.pressRaw(card, 'settings:anew')).content).toBe(managersOnly);
  await stage.ada.press(card, 'Start anew');
  await says(card, 'Settings of this server');
  await says(await ask(stage.ben), 'Confirm ·');
  expect(await stage.readRecord(`aside:guild:${stage.guild.id}`)).toContain('many');
  // Pressed again, it takes nothing away.
  await pick(card, 'channels', [stage.channel.id]);
  await says(card, `<#${stage.channel.id}>`);
  await stage.ada.pressRaw(card, 'settings:anew');
  await says(card, `<#${stage.channel.id}>`);
});
