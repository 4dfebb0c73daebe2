import { Client, DiscordAPIError, Events, GatewayIntentBits, REST, Routes } from 'discord.js';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { type Discord, startDiscord } from '../../playground/discord/discord.ts';
import type { Person } from '../../playground/discord/person.ts';
import { easyRates, realRates } from '../../playground/discord/rates.ts';
import type { Channel, Guild } from '../../playground/discord/world.ts';
import { MovableClock } from '../clock.ts';

/** The stand-in must be as strict as Discord: each refusal has Discord's own status and code. */
let discord: Discord;
let rest: REST;
let ada: Person;
let guild: Guild;
let channel: Channel;
let clock: MovableClock;
const clients: Client[] = [];

beforeEach(async () => {
  clock = new MovableClock();
  discord = await startDiscord({ clock, rates: easyRates });
  rest = new REST({ api: discord.apiUrl, retries: 0 }).setToken(discord.token);
  ada = discord.person(discord.world.addUser('Ada'));
  guild = discord.world.addGuild('Studio', [ada.user]);
  channel = discord.world.addChannel(guild, 'general');
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.destroy()));
  await discord.close();
});

async function login(options: { shards?: number[]; shardCount?: number; intents?: number[] } = {}): Promise<Client> {
  const client = new Client({ intents: [], rest: { api: discord.apiUrl, retries: 0 }, ...options });
  clients.push(client);
  client.on(Events.Error, () => {});
  const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(discord.token);
  await ready;
  return client;
}

const ping = {
  name: 'ping',
  description: 'Answers',
  options: [{ type: 3, name: 'text', description: 'Anything', autocomplete: true }],
};
const register = (commands: unknown = [ping]) =>
  rest.put(Routes.applicationCommands(discord.world.bot.id), { body: commands });

/** The error a request is refused with. */
async function refusal(request: Promise<unknown>): Promise<{ status: number; code: number | string }> {
  const error = await request.then(
    () => undefined,
    (one: unknown) => one,
  );
  if (!(error instanceof DiscordAPIError)) throw new Error(`Not refused, but: ${error}`);
  return { status: error.status, code: error.code };
}

const post = (body: unknown, files: { name: string; data: Buffer }[] = []) =>
  rest.post(Routes.channelMessages(channel.id), { body, files });

test('messages: what Discord refuses is refused', async () => {
  const button = (custom_id: string) => ({ type: 2, style: 1, label: 'x', custom_id });
  const invalid = { status: 400, code: 50035 };
  expect(await refusal(post({ content: 'x'.repeat(2001) }))).toEqual(invalid);
  expect(await refusal(post({ embeds: [{ description: 'x'.repeat(4097) }] }))).toEqual(invalid);
  expect(
    await refusal(post({ embeds: [{ description: 'x'.repeat(4000) }, { description: 'x'.repeat(2001) }] })),
  ).toEqual(invalid);
  expect(
    await refusal(post({ content: 'x', components: [{ type: 1, components: [button('x'.repeat(101))] }] })),
  ).toEqual(invalid);
  expect(
    await refusal(post({ content: 'x', components: [{ type: 1, components: [button('a'), button('a')] }] })),
  ).toEqual(invalid);
  expect(await refusal(post({}))).toEqual({ status: 400, code: 50006 });
  const file = { name: 'a.bin', data: Buffer.alloc(10 * 1024 * 1024 + 1) };
  expect(await refusal(post({ content: 'x' }, [file]))).toEqual({ status: 413, code: 40005 });
  expect(discord.world.messagesIn(channel.id)).toEqual([]);
});

const row = (...components: object[]) => ({ type: 1, components });
const press = (custom_id: string, rest: object = {}) => ({ type: 2, style: 1, label: 'x', custom_id, ...rest });
const leadTo = (url: string, rest: object = {}) => ({ type: 2, style: 5, label: 'x', url, ...rest });
const choose = (custom_id: string, rest: object = {}) => ({
  type: 3,
  custom_id,
  options: [{ label: 'a', value: 'a' }],
  ...rest,
});
const six = Array.from({ length: 6 }, (_, index) => index);

test.each<[string, object[]]>([
  ['a button without custom_id', [row({ type: 2, style: 1, label: 'x' })]],
  ['a button with an empty custom_id', [row(press(''))]],
  ['a link with a custom_id', [row(leadTo('https://kubeez.com', { custom_id: 'a' }))]],
  ['a link without address', [row({ type: 2, style: 5, label: 'x' })]],
  ['a link to javascript:', [row(leadTo('javascript:alert(1)'))]],
  ['a link to a file', [row(leadTo('file:///etc/passwd'))]],
  ['a link that is no address', [row(leadTo('kubeez'))]],
  ['a link of 513 characters', [row(leadTo(`https://kubeez.com/${'x'.repeat(494)}`))]],
  ['a button that leads somewhere and does something', [row(press('a', { url: 'https://kubeez.com' }))]],
  ['a button with neither label nor emoji', [row({ type: 2, style: 1, custom_id: 'a' })]],
  ['a button whose label is blank', [row(press('a', { label: ' ' }))]],
  ['a label of 81 characters', [row(press('a', { label: 'x'.repeat(81) }))]],
  ['six rows', six.map((index) => row(press(`${index}`)))],
  ['six buttons in a row', [row(...six.map((index) => press(`${index}`)))]],
  ['a row of nothing', [row()]],
  ['a button outside a row', [press('a')]],
  ['a select and a button in one row', [row(choose('a'), press('b'))]],
  ['two selects in one row', [row(choose('a'), choose('b'))]],
  ['a select without options', [row(choose('a', { options: [] }))]],
  ['a select with an option of no name', [row(choose('a', { options: [{ label: '', value: 'a' }] }))]],
  [
    'a select with one value twice',
    [
      row(
        choose('a', {
          options: [
            { label: 'a', value: 'a' },
            { label: 'b', value: 'a' },
          ],
        }),
      ),
    ],
  ],
  ['a select that wants more than it has', [row(choose('a', { max_values: 2 }))]],
])('components: %s is refused', async (_, components) => {
  expect(await refusal(post({ content: 'x', components }))).toEqual({ status: 400, code: 50035 });
});

test('components: what Discord takes is taken', async () => {
  const taken = [
    row(press('a'), leadTo('https://kubeez.com'), leadTo('discord://app')),
    row(choose('b')),
    row(press('c', { label: undefined, emoji: { name: '🦊' } })),
    row(...six.slice(1).map((index) => press(`${index}`))),
    row(press('d')),
  ];
  await post({ content: 'x', components: taken });
  expect(discord.world.messagesIn(channel.id)).toHaveLength(1);
});

test.each<[string, object]>([
  ['users by parse and by name', { allowed_mentions: { parse: ['users'], users: ['1'] } }],
  ['roles by parse and by name', { allowed_mentions: { parse: ['roles'], roles: ['1'] } }],
  ['somebody named twice', { allowed_mentions: { parse: [], users: ['1', '1'] } }],
  ['an embed that leads to javascript:', { embeds: [{ title: 'x', url: 'javascript:alert(1)' }] }],
  ['an embed that leads to an attached file', { embeds: [{ title: 'x', url: 'attachment://a.png' }] }],
  ['a picture by data:', { embeds: [{ title: 'x', image: { url: 'data:image/png;base64,AAAA' } }] }],
  ['a thumbnail without scheme', { embeds: [{ title: 'x', thumbnail: { url: 'kubeez.com/a.png' } }] }],
  ['an author who leads to ftp:', { embeds: [{ author: { name: 'x', url: 'ftp://kubeez.com' } }] }],
  ['a footer’s icon by file:', { embeds: [{ footer: { text: 'x', icon_url: 'file:///a.png' } }] }],
  ['a field’s value of 1,025', { embeds: [{ fields: [{ name: 'x', value: 'x'.repeat(1025) }] }] }],
  ['a field’s name of 257', { embeds: [{ fields: [{ name: 'x'.repeat(257), value: 'x' }] }] }],
  ['a field without value', { embeds: [{ fields: [{ name: 'x', value: '' }] }] }],
  ['26 fields', { embeds: [{ fields: Array.from({ length: 26 }, () => ({ name: 'x', value: 'x' })) }] }],
  ['an embed of nothing', { embeds: [{}] }],
  ['eleven embeds', { embeds: Array.from({ length: 11 }, () => ({ title: 'x' })) }],
  ['a nonce of 26', { nonce: 'x'.repeat(26) }],
  ['a reply to nothing', { message_reference: { message_id: '1', fail_if_not_exists: true } }],
  ['contents beside Components V2', { flags: 32768, components: [{ type: 10, content: 'x' }] }],
])('messages: %s is refused', async (_, body) => {
  expect(await refusal(post({ content: 'x', ...body }))).toEqual({ status: 400, code: 50035 });
});

test('messages: nothing at all is refused, new or by an edit, and so is nothing but white space', async () => {
  const empty = { status: 400, code: 50006 };
  expect(await refusal(post({ content: ' \n ' }))).toEqual(empty);
  await post({ content: 'x', embeds: [{ image: { url: 'attachment://a.png' } }] }, [
    { name: 'a.png', data: Buffer.from('x') },
  ]);
  const [message] = discord.world.messagesIn(channel.id);
  const edit = (body: object) => rest.patch(Routes.channelMessage(channel.id, message?.id ?? ''), { body });
  expect(await refusal(edit({ content: '', embeds: [], attachments: [] }))).toEqual(empty);
  expect(message?.content).toBe('x');
  await edit({ content: '', embeds: [] });
  expect(message?.attachments).toHaveLength(1);
});

test('half an emoji, left by a text cut in the middle, is refused wherever it stands', async () => {
  const half = '🦊'.slice(0, 1);
  const invalid = { status: 400, code: 50109 };
  expect(await refusal(post({ content: `a fox ${half}` }))).toEqual(invalid);
  expect(await refusal(post({ embeds: [{ fields: [{ name: half, value: 'x' }] }] }))).toEqual(invalid);
  expect(await refusal(post({ content: half }, [{ name: 'a.png', data: Buffer.from('x') }]))).toEqual(invalid);
  expect(await refusal(register([{ ...ping, description: half }]))).toEqual(invalid);
  await post({ content: 'a fox 🦊' });
  expect(discord.world.messagesIn(channel.id)).toHaveLength(1);
});

test('a refused body is explained field by field, as the library reads it', async () => {
  const error = await post({ content: 'x'.repeat(2001) }).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(DiscordAPIError);
  expect(String(error)).toContain('content[BASE_TYPE_MAX_LENGTH]: Must be 2000 or fewer in length.');
});

test('places: closed DMs, hidden channels, missing permissions, archived threads, deleted messages, wrong tokens', async () => {
  const dm = discord.world.dmWith(ada.user);
  ada.user.dmsOpen = false;
  expect(await refusal(rest.post(Routes.channelMessages(dm.id), { body: { content: 'x' } }))).toEqual({
    status: 403,
    code: 50007,
  });
  await post({ content: 'x' });
  const [message] = discord.world.messagesIn(channel.id);
  const edit = () =>
    refusal(rest.patch(Routes.channelMessage(channel.id, message?.id ?? ''), { body: { content: 'y' } }));
  channel.isArchived = true;
  expect(await edit()).toEqual({ status: 400, code: 50083 });
  channel.isArchived = false;
  channel.denied.add('SendMessages');
  expect(await refusal(post({ content: 'x' }))).toEqual({ status: 403, code: 50013 });
  channel.denied.add('ViewChannel');
  expect(await edit()).toEqual({ status: 403, code: 50001 });
  channel.denied.clear();
  discord.world.messages.clear();
  expect(await edit()).toEqual({ status: 404, code: 10008 });
  const stranger = new REST({ api: discord.apiUrl, retries: 0 }).setToken('wrong');
  expect(await refusal(stranger.get(Routes.user()))).toEqual({ status: 401, code: 0 });
});

test('commands: schema, size, names used once', async () => {
  expect(await refusal(register([{ ...ping, name: 'Not Lower Case!'.repeat(5) }]))).toEqual({
    status: 400,
    code: 50035,
  });
  expect(await refusal(register([ping, ping]))).toEqual({ status: 400, code: 50035 });
  const long = { type: 3, description: 'x'.repeat(100) };
  const large = Array.from({ length: 25 }, (_, index) => ({
    ...long,
    name: `option${index}`,
    choices: Array.from({ length: 25 }, (_, choice) => ({ name: `${choice}`.padEnd(50, 'x'), value: `${choice}` })),
  }));
  expect(await refusal(register([{ ...ping, options: large }]))).toEqual({ status: 400, code: 50035 });
  await register();
  expect(ada.commands(channel).map((command) => command.name)).toEqual(['ping']);
});

const option = (name: string, rest: object = {}) => ({ type: 3, name, description: 'x', ...rest });
const choice = (name: string, value = 'a') => ({ name, value });

test.each<[string, object]>([
  ['capitals', { name: 'Ping' }],
  ['a space', { name: 'pi ng' }],
  ['a name of nothing', { name: '' }],
  ['a description of nothing', { description: '' }],
  ['an option with capitals', { options: [option('Text')] }],
  ['a required option after an optional one', { options: [option('a'), option('b', { required: true })] }],
  ['an option’s name twice', { options: [option('a'), option('a')] }],
  ['choices and autocomplete', { options: [option('a', { autocomplete: true, choices: [choice('a')] })] }],
  ['a choice without name', { options: [option('a', { choices: [choice('')] })] }],
  ['a choice’s name twice', { options: [option('a', { choices: [choice('a'), choice('a', 'b')] })] }],
  ['26 options', { options: Array.from({ length: 26 }, (_, index) => option(`a${index}`)) }],
  ['autocomplete of a yes or no', { options: [option('a', { type: 5, autocomplete: true })] }],
  ['the least over the most', { options: [option('a', { type: 4, min_value: 3, max_value: 2 })] }],
  ['the same inside a subcommand', { options: [{ ...option('a', { type: 1 }), options: [option('b'), option('b')] }] }],
  ['a menu’s entry with a description', { type: 3 }],
  ['a name in another language with a space', { name_localizations: { de: 'pi ng' } }],
  ['a name in another language with capitals', { name_localizations: { fr: 'Ping' } }],
  ['a description in another language that is too long', { description_localizations: { ja: 'x'.repeat(101) } }],
  ['a language that Discord does not have', { description_localizations: { xx: 'x' } }],
  ['a language without its country', { name_localizations: { es: 'x' } }],
  [
    'an option’s name twice in one language',
    { options: [option('a', { name_localizations: { de: 'b' } }), option('b')] },
  ],
  [
    'a choice’s name twice in one language',
    { options: [option('a', { choices: [{ ...choice('a'), name_localizations: { de: 'b' } }, choice('b', 'b')] })] },
  ],
  [
    'more than 8,000 characters in the longest languages',
    {
      options: Array.from({ length: 25 }, (_, index) =>
        option(`a${index}`, {
          choices: Array.from({ length: 4 }, (_, nth) => ({
            ...choice(`${nth}`, `${nth}`),
            name_localizations: { [nth % 2 ? 'de' : 'ja']: `${nth}`.repeat(90) },
          })),
        }),
      ),
    },
  ],
])('commands: %s is refused', async (_, changes) => {
  expect(await refusal(register([{ ...ping, ...changes }]))).toEqual({ status: 400, code: 50035 });
});

test('commands: names are unique in each language', async () => {
  const pong = { ...ping, name: 'pong', name_localizations: { de: 'ping' } };
  expect(await refusal(register([ping, pong]))).toEqual({ status: 400, code: 50035 });
  await register([{ ...ping, name_localizations: { de: 'pong' } }, pong]);
});

test('commands: more menus than a message may have are refused', async () => {
  const menus = Array.from({ length: 16 }, (_, index) => ({ name: `Menu ${index}`, type: 3 }));
  expect(await refusal(register(menus))).toEqual({ status: 400, code: 30032 });
});

/** Does something as a person, and tries an answer that Discord refuses. */
async function refusedAnswer(begin: () => Promise<unknown>, body: object): Promise<unknown> {
  const client = await login();
  const refused = new Promise((resolve) => {
    client.on(Events.InteractionCreate, async (interaction) => {
      const path = Routes.interactionCallback(interaction.id, interaction.token);
      resolve(await refusal(rest.post(path, { body, auth: false })));
      clock.advance(3100);
    });
  });
  await begin();
  const result = await refused;
  await client.destroy();
  return result;
}

const input = (custom_id: string) => ({ type: 18, label: 'x', component: { type: 4, custom_id, style: 1 } });
const modal = (changes: object = {}) => ({
  type: 9,
  data: { title: 'Edit', custom_id: 'form', components: [input('a')], ...changes },
});
const says = { content: 'x' };

test('interactions: each takes the answers that fit it, and no others', async () => {
  await register();
  await post({ content: 'x', components: [row(press('a'))] });
  const [message] = discord.world.messagesIn(channel.id);
  if (!message) throw new Error('no message');
  const form = { title: 'Edit', custom_id: 'form', components: [] };
  const begins: Record<string, () => Promise<unknown>> = {
    command: () => ada.command(channel, 'ping'),
    button: () => ada.press(message, 'x'),
    autocomplete: () => ada.suggestions(channel, 'ping', 'text', 'a'),
    form: () => ada.submit(channel, form),
  };
  const bodies: Record<number, object> = {
    4: { type: 4, data: says },
    5: { type: 5 },
    6: { type: 6 },
    7: { type: 7, data: says },
    8: { type: 8, data: { choices: [] } },
    9: modal(),
  };
  const refused: Record<string, number[]> = {
    command: [6, 7, 8],
    button: [8],
    autocomplete: [4, 5, 6, 7, 9],
    form: [6, 7, 8, 9],
  };
  for (const [name, answers] of Object.entries(refused)) {
    for (const type of answers) {
      const begin = begins[name] ?? (() => Promise.reject(new Error(name)));
      const result = await refusedAnswer(begin, bodies[type] ?? {});
      expect([name, type, result]).toEqual([name, type, { status: 400, code: 50035 }]);
    }
  }
});

test.each<[string, object]>([
  ['a form of six fields', modal({ components: six.map((index) => input(`${index}`)) })],
  ['a form without fields', modal({ components: [] })],
  ['a form whose title has 46 characters', modal({ title: 'x'.repeat(46) })],
  ['a form without title', modal({ title: '' })],
  ['a form with one id twice', modal({ components: [input('a'), input('a')] })],
  ['a form with a label of 46 characters', modal({ components: [{ ...input('a'), label: 'x'.repeat(46) }] })],
  ['a form with a button', modal({ components: [row(press('a'))] })],
  ['a deferred answer with contents', { type: 5, data: says }],
  [
    'a message whose button has no id',
    { type: 4, data: { ...says, components: [row({ type: 2, style: 1, label: 'x' })] } },
  ],
  [
    'mentions that contradict each other',
    { type: 4, data: { ...says, allowed_mentions: { parse: ['users'], users: ['1'] } } },
  ],
])('interactions: %s is refused', async (_, body) => {
  await register();
  expect(await refusedAnswer(() => ada.command(channel, 'ping'), body)).toEqual({ status: 400, code: 50035 });
});

test('autocomplete: a choice of zero length is refused', async () => {
  await register();
  for (const bad of [choice(''), choice(' '), choice('a', ''), choice('x'.repeat(101)), choice('a', 'x'.repeat(101))]) {
    const body = { type: 8, data: { choices: [bad] } };
    const begin = () => ada.suggestions(channel, 'ping', 'text', 'a');
    expect(await refusedAnswer(begin, body)).toEqual({ status: 400, code: 50035 });
  }
});

test('interactions: one answer, within three seconds; the token dies after fifteen minutes', async () => {
  await register();
  const client = await login();
  const codes: unknown[] = [];
  client.on(Events.InteractionCreate, async (interaction) => {
    if (!interaction.isChatInputCommand()) return;
    await interaction.reply('one');
    const again = Routes.interactionCallback(interaction.id, interaction.token);
    codes.push(await refusal(rest.post(again, { body: { type: 4, data: { content: 'two' } }, auth: false })));
    discord.interactions.age(16 * 60_000);
    codes.push(await refusal(interaction.editReply('three')));
    clock.advance(0);
    discord.world.changed();
  });
  expect(await ada.command(channel, 'ping')).toMatchObject({ type: 'message' });
  await discord.world.until(() => codes.length === 2, 'both refusals');
  expect(codes).toEqual([
    { status: 400, code: 40060 },
    { status: 401, code: 50027 },
  ]);

  client.removeAllListeners(Events.InteractionCreate);
  const late: unknown[] = [];
  client.on(Events.InteractionCreate, async (interaction) => {
    if (!interaction.isChatInputCommand()) return;
    clock.advance(3100);
    late.push(await refusal(interaction.reply('late')));
    discord.world.changed();
  });
  expect(await ada.command(channel, 'ping')).toEqual({ type: 'failed' });
  await discord.world.until(() => late.length === 1, 'the late refusal');
  expect(late).toEqual([{ status: 404, code: 10062 }]);
});

test('autocomplete takes at most 25 choices', async () => {
  await register();
  const client = await login();
  const codes: unknown[] = [];
  client.on(Events.InteractionCreate, async (interaction) => {
    if (!interaction.isAutocomplete()) return;
    const choices = Array.from({ length: 26 }, (_, index) => ({ name: `${index}`, value: `${index}` }));
    codes.push(await refusal(interaction.respond(choices)));
    await interaction.respond(choices.slice(0, 25));
  });
  expect(await ada.suggestions(channel, 'ping', 'text', 'a')).toHaveLength(25);
  expect(codes).toEqual([{ status: 400, code: 50035 }]);
});

test('commands for managers are shown to managers, those of servers not in DMs', async () => {
  const manageServer = String(1n << 5n);
  await register([
    ping,
    { name: 'settings', description: 'x', default_member_permissions: manageServer, contexts: [0] },
    { name: 'Inspect', type: 3, default_member_permissions: manageServer },
  ]);
  const shown = () => [ada.commands(channel), ada.menus(channel)].flat().map(({ name }) => name);
  expect(shown()).toEqual(['ping']);
  guild.admins.add(ada.user.id);
  expect(shown()).toEqual(['ping', 'settings', 'Inspect']);
  expect(ada.commands(discord.world.dmWith(ada.user)).map(({ name }) => name)).toEqual(['ping']);
});

test('a file over the place’s limit is not sent, and the app says so', async () => {
  const option = { type: 11, name: 'file', description: 'x' };
  await register([{ ...ping, options: [option] }]);
  const file = { name: 'film.mp4', type: 'video/mp4', data: Buffer.alloc(30 * 1024 * 1024) };
  const words = 'Your files are too powerful. Max file size: 10 MB.';
  expect(() => ada.command(channel, 'ping', { file })).toThrow(words);
  expect(() => ada.write(channel, 'look', [file])).toThrow(words);
  expect(discord.world.files.size).toBe(0);
});

test('rates: 429 with Discord’s headers and body; the library waits and gets through', async () => {
  discord.api.rates = { ...realRates, channel: { limit: 2, window: 400 } };
  const answers = await Promise.all(
    [1, 2, 3].map((number) =>
      fetch(`${discord.apiUrl}/v10/channels/${channel.id}/messages`, {
        method: 'POST',
        headers: { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ content: `${number}` }),
      }),
    ),
  );
  const refused = answers.find((answer) => answer.status === 429);
  expect(Object.fromEntries(refused?.headers ?? [])).toMatchObject({
    'x-ratelimit-limit': '2',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-scope': 'user',
    'retry-after': '1',
  });
  expect(await refused?.json()).toMatchObject({
    message: 'You are being rate limited.',
    global: false,
    retry_after: expect.any(Number),
  });
  const patient = new REST({ api: discord.apiUrl }).setToken(discord.token);
  await Promise.all(
    [4, 5, 6, 7].map((number) => patient.post(Routes.channelMessages(channel.id), { body: { content: `${number}` } })),
  );
  expect(discord.world.messagesIn(channel.id)).toHaveLength(6);
});

test('a nonce makes a repeated message the same message', async () => {
  for (let count = 0; count < 3; count++) await post({ content: 'once', nonce: 'abc', enforce_nonce: true });
  expect(discord.world.messagesIn(channel.id)).toHaveLength(1);
});

test('files: kept byte for byte, replaced when an edit does not list them, addresses die after a day', async () => {
  await post({ content: 'x', attachments: [{ id: '0', filename: 'a.png', description: 'alt' }] }, [
    { name: 'a.png', data: Buffer.from('one') },
  ]);
  const [message] = discord.world.messagesIn(channel.id);
  const url = message?.attachments[0]?.url ?? '';
  expect(message?.attachments[0]).toMatchObject({
    filename: 'a.png',
    description: 'alt',
    content_type: 'image/png',
    size: 3,
  });
  expect(await (await fetch(url)).text()).toBe('one');
  await rest.patch(Routes.channelMessage(channel.id, message?.id ?? ''), {
    body: { attachments: [{ id: '0', filename: 'b.png' }] },
    files: [{ name: 'b.png', data: Buffer.from('two') }],
  });
  expect(message?.attachments.map((file) => file.filename)).toEqual(['b.png']);
  clock.advance(25 * 3_600_000);
  expect((await fetch(url)).status).toBe(404);
});

test('shards: each server’s events reach its shard alone, DMs reach shard 0', async () => {
  await register();
  const heard: Record<number, number> = {};
  for (const shard of [0, 1]) {
    const client = await login({ shards: [shard], shardCount: 2 });
    client.on(Events.InteractionCreate, (interaction) => {
      heard[shard] = (heard[shard] ?? 0) + 1;
      if (interaction.isChatInputCommand()) void interaction.reply('x');
    });
  }
  await ada.command(channel, 'ping');
  const own = Number((BigInt(guild.id) >> 22n) % 2n);
  expect(heard).toEqual({ [own]: 1 });
  await ada.command(discord.world.dmWith(ada.user), 'ping');
  expect(heard[0]).toBe(own === 0 ? 2 : 1);
});

/** The code with which the gateway closes a connection after these messages; 9: it declares the session invalid. */
async function closeCode(messages: object[], version = 10): Promise<number> {
  const socket = new WebSocket(`${discord.world.gatewayAddress}/?v=${version}&encoding=json`);
  socket.on('message', (data) => {
    const { op } = JSON.parse(String(data));
    if (op === 10) for (const message of messages) socket.send(JSON.stringify(message));
    if (op === 9) socket.close(4909);
  });
  return new Promise((resolve) => socket.once('close', (code) => resolve(code === 4909 ? 9 : code)));
}

test('gateway: who identifies wrongly is closed with Discord’s codes', async () => {
  const identify = (changes: object = {}) => ({
    op: 2,
    d: { token: discord.token, intents: 1, properties: {}, shard: [0, 1], ...changes },
  });
  const closed = (changes: object) => closeCode([identify(changes)]);
  for (const shard of [
    [1, 1],
    [-1, 2],
    [0.5, 2],
    [0, 0],
  ])
    expect(await closed({ shard })).toBe(4010);
  expect(await closed({ shard: [0] })).toBe(4002);
  expect(await closed({ properties: undefined })).toBe(4002);
  expect(await closed({ token: 'another' })).toBe(4004);
  expect(await closed({ intents: -1 })).toBe(4013);
  expect(await closed({ intents: 1 << 15 })).toBe(4014);
  expect(await closeCode([], 6)).toBe(4012);
  expect(await closeCode([{ op: 3, d: {} }])).toBe(4003);
  expect(await closeCode([identify(), identify()])).toBe(4005);
  expect(await closeCode(Array.from({ length: 121 }, () => ({ op: 1, d: null })))).toBe(4008);
});

test('gateway: a shard with too many servers has to be divided; so many are recommended', async () => {
  discord.world.addGuild('Second', [ada.user]);
  const shardsAsked = async () => z.object({ shards: z.number() }).parse(await rest.get(Routes.gatewayBot())).shards;
  expect(await shardsAsked()).toBe(1);
  discord.gateway.recommendedGuildsAShard = 1;
  expect(await shardsAsked()).toBe(2);
  discord.gateway.maxGuildsAShard = 1;
  const identify = { op: 2, d: { token: discord.token, intents: 1, properties: {} } };
  expect(await closeCode([identify])).toBe(4011);
});

test('gateway: a second session within five seconds is invalid', async () => {
  const strict = await startDiscord({ clock, rates: realRates });
  onTestFinished(() => strict.close());
  discord.world.gatewayAddress = strict.world.gatewayAddress;
  const identify = { op: 2, d: { token: strict.token, intents: 1, properties: {} } };
  const first = new WebSocket(strict.world.gatewayAddress);
  first.once('message', () => first.send(JSON.stringify(identify)));
  await strict.world.until(() => strict.gateway.identified === 1, 'a session');
  expect(await closeCode([identify])).toBe(9);
  expect(strict.gateway.identified).toBe(1);
});

test('servers: told to bots that ask for them; one that removes the bot is gone for it, one that is away is not', async () => {
  const client = await login({ intents: [GatewayIntentBits.Guilds] });
  const blind = await login();
  const heard: string[] = [];
  const note =
    (event: string) =>
    ({ id }: { id: string }) =>
      void heard.push(`${event} ${id}`);
  client.on(Events.GuildCreate, note('guildCreate'));
  client.on(Events.GuildDelete, note('guildDelete'));
  client.on(Events.GuildUnavailable, note('guildUnavailable'));
  client.on(Events.GuildAvailable, note('guildAvailable'));
  blind.on(Events.GuildDelete, note('not asked for'));
  const known = client.guilds.cache.get(guild.id);
  expect([known?.name, known?.available, known?.channels.cache.has(channel.id)]).toEqual(['Studio', true, true]);

  discord.gateway.setAvailable(guild, false);
  await expect.poll(() => heard).toEqual([`guildUnavailable ${guild.id}`]);
  expect(await post({ content: 'still here' })).toMatchObject({ content: 'still here' });
  discord.gateway.setAvailable(guild, true);
  await expect.poll(() => heard).toContain(`guildAvailable ${guild.id}`);

  discord.gateway.setMember(guild, false);
  await expect.poll(() => heard.at(-1)).toBe(`guildDelete ${guild.id}`);
  expect(await refusal(rest.get(Routes.guild(guild.id)))).toEqual({ status: 404, code: 10004 });
  expect(await refusal(rest.get(Routes.channel(channel.id)))).toEqual({ status: 403, code: 50001 });
  expect(await refusal(post({ content: 'x' }))).toEqual({ status: 403, code: 50001 });
  expect((await login()).guilds.cache.size).toBe(0);
  discord.gateway.setMember(guild, true);
  await expect.poll(() => heard.at(-1)).toBe(`guildCreate ${guild.id}`);
  expect(await post({ content: 'back' })).toMatchObject({ content: 'back' });
});

test('two processes of one bot both get every event, and one answer counts', async () => {
  await register();
  const codes: unknown[] = [];
  for (const name of ['first', 'second']) {
    const client = await login();
    client.on(Events.InteractionCreate, (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      interaction.reply(name).then(
        () => codes.push('answered'),
        (error: unknown) => codes.push(error instanceof DiscordAPIError ? error.code : error),
      );
    });
  }
  expect(await ada.command(channel, 'ping')).toMatchObject({ type: 'message' });
  await expect.poll(() => codes.length).toBe(2);
  expect(codes).toEqual(expect.arrayContaining(['answered', 40060]));
});

test('a bot that says goodbye is gone at once; one whose connection broke gets what it missed', async () => {
  const client = await login();
  expect(discord.gateway.isListening(guild.id)).toBe(true);
  await client.destroy();
  await discord.world.until(() => !discord.gateway.isListening(guild.id), 'the goodbye');
});

test('the gateway refuses a wrong token, and resumes a dropped connection with what was missed', async () => {
  await expect(new Client({ intents: [], rest: { api: discord.apiUrl } }).login('wrong')).rejects.toThrow();
  await register();
  const client = await login();
  client.on(
    Events.InteractionCreate,
    (interaction) => interaction.isChatInputCommand() && void interaction.reply('here'),
  );
  discord.gateway.drop();
  expect(await ada.command(channel, 'ping')).toMatchObject({ type: 'message' });
  expect(discord.gateway).toMatchObject({ identified: 1, resumed: 1 });
});

test('forms: shown to the person, sent off with what was typed', async () => {
  await register();
  const client = await login();
  const label = {
    type: 18,
    label: 'Prompt',
    component: { type: 4, custom_id: 'prompt', style: 2, value: 'old words' },
  };
  client.on(Events.InteractionCreate, (interaction) => {
    if (interaction.isChatInputCommand())
      void interaction.showModal({ title: 'Edit', custom_id: 'form', components: [label] });
    if (interaction.isModalSubmit()) void interaction.reply(interaction.fields.getTextInputValue('prompt'));
  });
  const shown = await ada.command(channel, 'ping');
  expect(shown).toMatchObject({ type: 'form', form: { title: 'Edit', custom_id: 'form' } });
  if (shown.type !== 'form') return;
  expect(() => ada.submit(channel, shown.form, { prompt: '' })).toThrow('required');
  expect(await ada.submit(channel, shown.form, { prompt: 'new words' })).toMatchObject({
    type: 'message',
    message: { content: 'new words' },
  });
});
