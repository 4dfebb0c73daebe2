import { Client, Events, REST, Routes } from 'discord.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { easyRates } from '../../playground/discord/rates.ts';
import type { Message } from '../../playground/discord/world.ts';
import { type Stage, startStage } from '../../playground/stage.ts';
import { Unanswered } from '../../src/discord/unanswered.ts';
import { createLogger } from '../../src/log.ts';
import type { Handler } from '../../src/requests/handler.ts';
import { Router } from '../../src/router.ts';
import { MovableClock } from '../clock.ts';
import { messageOf } from '../stage.ts';

let stage: Stage;
let client: Client;
let heard: string[];
let card: Message;

/** A handler such as settings may have. */
const size: Handler = {
  async press(interaction, rest) {
    heard.push(`press ${rest}`);
    await interaction.reply('pressed');
  },
  async select(interaction, rest) {
    heard.push(`select ${rest} ${interaction.values}`);
    await interaction.reply('selected');
  },
  async submit() {
    throw new Error('broken');
  },
};

beforeEach(async () => {
  stage = await startStage({ clock: new MovableClock(), rates: easyRates });
  heard = [];
  client = new Client({ intents: [], rest: { api: stage.discord.apiUrl } });
  const placeOf = () => ({ isThread: false, parent: null, isRestricted: false, roles: [] });
  const languages = { spokenTo: async () => ({ person: 'en' as const, everybody: 'en' as const }) };
  const log = createLogger('silent');
  const router = new Router({
    handlers: { size },
    placeOf,
    languages,
    unanswered: new Unanswered(),
    isClosed: () => false,
    log,
  });
  client.on(Events.InteractionCreate, (interaction) => router.handle(interaction));
  await client.login(stage.discord.token);
  const rest = new REST({ api: stage.discord.apiUrl }).setToken(stage.discord.token);
  const menu = { type: 3, custom_id: 'size:picture:a1', options: [{ label: 'Large', value: 'large' }] };
  await rest.post(Routes.channelMessages(stage.channel.id), {
    body: { content: 'Settings', components: [{ type: 1, components: [menu] }] },
  });
  const posted = stage.discord.world.messagesIn(stage.channel.id).at(-1);
  if (!posted) throw new Error('Nothing was posted');
  card = posted;
});
afterEach(async () => {
  await client.destroy();
  await stage.close();
});

test('buttons, select menus and forms are led to the handler of their prefix, which gets the rest of the id', async () => {
  expect(messageOf(await stage.ada.select(card, 'size:picture:a1', ['large'])).content).toBe('selected');
  expect(messageOf(await stage.ada.pressRaw(card, 'size:clip:b2')).content).toBe('pressed');
  expect(heard).toEqual(['select picture,a1 large', 'press clip,b2']);
});

test.each(['colour:picture:a1', 'size', 'size:', 'Size:picture', 'constructor:a', ''])(
  'an id that no handler knows (%s) is answered with one sentence, by every kind of interaction',
  async (id) => {
    const form = { custom_id: id, title: 'Size', components: [] };
    for (const outcome of [
      await stage.ada.select(card, id, ['large']),
      await stage.ada.pressRaw(card, id),
      await stage.ada.submit(stage.channel, form),
    ])
      expect(messageOf(outcome)).toMatchObject({
        ephemeralFor: stage.ada.user.id,
        content: expect.stringContaining('I no longer know what this belongs to.'),
      });
    expect(heard).toEqual([]);
  },
);

test('what a handler throws ends here: the person gets a number that the log has as well', async () => {
  const form = { custom_id: 'size:picture', title: 'Size', components: [] };
  const answer = messageOf(await stage.ada.submit(stage.channel, form));
  expect(answer.content).toMatch(/Something went wrong in the bot.*\d{17}/s);
});
