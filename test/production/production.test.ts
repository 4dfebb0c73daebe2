import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { buttonsOf, type Value } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { film, picture, pictureFile, tune } from '../../playground/props.ts';
import { type Stage, startStage } from '../../playground/stage.ts';
import { systemClock } from '../../src/clock.ts';
import type { RecipeName } from '../../src/flows/recipes/index.ts';
import { comeBack, pressOnPage, signInLink } from '../signIn.ts';
import { messageOf, textOf, uploadTo } from '../stage.ts';
import { ProductionBot } from './bot.ts';
import { startTlsFront } from './tlsFront.ts';

/** Made by `run`: the bot's copy, and the certificates. */
const folder = z.string({ error: 'npm run test:production runs these tests' }).parse(process.env.PRODUCTION_FOLDER);
const file = (name: string) => readFileSync(join(folder, name));
const publicUrl = 'https://bot.kubeez-production-test.com';
const httpPort = 8080;
/** For a machine that is busy, in milliseconds. */
const patience = 120_000;

const bot = new ProductionBot(join(folder, 'bot'));
let stage: Stage;
let front: Server;

beforeAll(async () => {
  stage = await startStage({
    clock: systemClock,
    addresses: {
      gateway: 'wss://gateway.discord.gg',
      files: 'https://cdn.discordapp.com',
      site: 'https://mcp.kubeez.com',
      media: 'https://media.kubeez.com',
    },
  });
  const { discord, kubeez } = stage;
  // Jobs end sooner than the platform's; all else is as it is there.
  Object.assign(kubeez.platform.settings, { speed: 40, generation: 'mixed', freshFor: 300, cdnLag: 500 });
  kubeez.platform.credits = 5000;
  kubeez.platform.on('change', () => discord.world.changed());
  const ports = {
    'discord.com': discord.port,
    'gateway.discord.gg': discord.port,
    'cdn.discordapp.com': discord.port,
    'mcp.kubeez.com': kubeez.port,
    'media.kubeez.com': kubeez.port,
    [new URL(publicUrl).hostname]: httpPort,
  };
  front = await startTlsFront(file('server.key'), file('server.pem'), new Map(Object.entries(ports)));
  bot.configure({ DISCORD_TOKEN: discord.token, KUBEEZ_TOKEN: kubeez.token });
  await started();
});

afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.log(bot.output.split('\n').slice(-40).join('\n'));
});

afterAll(async () => {
  await bot.end('SIGKILL');
  front?.close();
  await stage?.close();
});

/** Starts the bot and waits until it is connected. */
async function started(): Promise<void> {
  const before = stage.discord.gateway.identified;
  bot.start();
  const { world, gateway } = stage.discord;
  await world
    .until(() => gateway.identified > before && stage.ada.commands(stage.channel).length > 0, 'the bot', patience)
    .catch((error) => {
      throw new Error(`${error.message}; it wrote:\n${bot.output}`);
    });
}

/** Uses a command in a channel of its own, where no other card uses up Discord's limits. */
async function use(name: string, values: Record<string, Value> = {}): Promise<Message> {
  const channel = stage.discord.world.addChannel(stage.guild, name);
  return messageOf(await stage.ada.command(channel, name, values));
}

async function press(card: Message, label: string): Promise<void> {
  const there = () => buttonsOf(card).some((button) => button.label.startsWith(label) && !button.disabled);
  await stage.discord.world.until(there, `${label} on:\n${textOf(card)}`, patience);
  await stage.ada.press(card, label);
}

/** Waits for the end, and gives the types of the files that lie on the card, told from their bytes. */
async function filesOn(card: Message): Promise<string[]> {
  await stage.discord.world.until(() => textOf(card).includes('✅'), `the result of:\n${textOf(card)}`, patience);
  // A link in place of a file names the address.
  expect(textOf(card)).not.toContain('media.kubeez.com');
  const files = card.attachments.map(async ({ url, content_type }) => {
    const data = Buffer.from(await (await fetch(url, { headers: { connection: 'close' } })).arrayBuffer());
    return (await fileTypeFromBuffer(data))?.mime ?? content_type ?? '';
  });
  return (await Promise.all(files)).sort();
}

/** One of each kind of flow, and the files that come of it. */
const flows: Record<RecipeName, { values: () => Promise<Record<string, Value>>; files: string[] }> = {
  image: { values: async () => ({ prompt: 'a fox' }), files: ['image/png'] },
  edit: {
    values: async () => ({ prompt: 'at night', model: 'nano-banana-edit', image: await picture() }),
    files: ['image/png'],
  },
  video: { values: async () => ({ prompt: 'a ship' }), files: ['video/mp4'] },
  animate: { values: async () => ({ prompt: 'it looks up', image: await picture() }), files: ['video/mp4'] },
  motion: {
    values: async () => ({ prompt: 'a dance', image: await picture(), video: await film() }),
    files: ['video/mp4'],
  },
  lipsync: {
    values: async () => ({ prompt: 'she sings', image: await picture(), audio: tune() }),
    files: ['video/mp4'],
  },
  music: {
    values: async () => ({ prompt: 'slow folk' }),
    files: ['audio/mpeg', 'audio/mpeg', 'image/png', 'image/png'],
  },
  speech: { values: async () => ({ text: 'Good morning, everybody.' }), files: ['audio/mpeg'] },
  captions: { values: async () => ({ file: await film() }), files: ['application/x-subrip', 'text/plain', 'text/vtt'] },
  separate: { values: async () => ({ file: tune() }), files: ['audio/mpeg', 'audio/mpeg'] },
  ad: {
    values: async () => ({ product: 'a mug', variants: 2, reference: await picture() }),
    files: ['image/png', 'image/png'],
  },
  cutout: { values: async () => ({ image: await picture() }), files: ['image/png'] },
  sound: { values: async () => ({ prompt: 'a door creaks', seconds: 4 }), files: ['audio/mpeg'] },
  dub: { values: async () => ({ languages: 'de, French', file: await film() }), files: ['video/mp4', 'video/mp4'] },
};

test.concurrent.each(Object.entries(flows))(
  '/%s: the result arrives as a file, with nothing set but the two tokens',
  async (name, { values, files }) => {
    const card = await use(name, await values());
    await press(card, 'Confirm');
    expect(await filesOn(card)).toEqual(files);
  },
);

test('a file that is uploaded by the link in the DM', async () => {
  const card = await use('edit', { prompt: 'at night', model: 'nano-banana-edit' });
  const link = () => stage.ada.directMessages().findLast(({ content }) => /^https:\/\/\S+$/.test(content))?.content;
  const address = await stage.discord.world.until(link, 'a link', patience);
  expect(address).toMatch(/^https:\/\/mcp\.kubeez\.com\/upload\//);
  expect((await uploadTo(address, ['cat.png', await pictureFile()])).status).toBe(200);
  await press(card, 'Done');
  await press(card, 'Confirm');
  expect(await filesOn(card)).toEqual(['image/png']);
});

test('addresses of results with their host', async () => {
  stage.kubeez.platform.settings.relativeUrls = false;
  const card = await use('image', { prompt: 'a wolf' });
  await press(card, 'Confirm');
  expect(await filesOn(card)).toEqual(['image/png']);
});

test('the bot is killed while a job runs and started again by the same command: the result arrives on the same card, paid once', async () => {
  const { platform } = stage.kubeez;
  Object.assign(platform.settings, { hold: true, freshFor: 0 });
  const jobs = platform.jobs.size;
  const card = await use('image', { prompt: 'a bear' });
  await press(card, 'Confirm');
  await stage.discord.world.until(
    () => platform.jobs.size > jobs && textOf(card).includes(' s · '),
    'a running job',
    patience,
  );
  await bot.end('SIGKILL');
  platform.settings.hold = false;
  platform.finish([...platform.jobs.keys()].at(-1) ?? '');
  await started();
  expect(await filesOn(card)).toEqual(['image/png']);
  expect(platform.jobs.size).toBe(jobs + 1);
});

test('/connect: a sign-in in the browser at an https address, after which the server pays with its own account', async () => {
  const { guild, ada, channel, discord, kubeez } = stage;
  await bot.end('SIGTERM');
  bot.configure({
    DISCORD_TOKEN: discord.token,
    KUBEEZ_TOKEN: kubeez.token,
    STATE_KEY: randomBytes(32).toString('base64'),
    HTTP_PORT: String(httpPort),
    PUBLIC_URL: publicUrl,
  });
  await started();
  for (const rights of [guild.managers, guild.admins]) rights.add(ada.user.id);
  const link = await signInLink(stage);
  expect(link).toMatch(/^https:\/\/mcp\.kubeez\.com\/authorize\?/);
  const page = await comeBack(link);
  expect(page.address).toMatch(new RegExp(`^${publicUrl}/oauth/callback\\?`));
  expect(page.text).toContain('asked to connect it to the Discord server “Paper Moon Studio”');
  expect(await pressOnPage(page, 'yes')).toContain('“Paper Moon Studio” now pays with this Kubeez account.');
  const told = () => ada.sees(channel).some(({ content }) => content.startsWith('Connected: this server now pays'));
  await discord.world.until(told, 'the result in Discord', patience);
  const before = kubeez.platform.credits;
  const card = await use('image', { prompt: 'a hare' });
  await press(card, 'Confirm');
  expect(await filesOn(card)).toEqual(['image/png']);
  expect(kubeez.platform.credits).toBe(before);
  expect(kubeez.oauth.accounts()[0]?.credits).toBeLessThan(1000);
  // Who the bot is was read by https at its address, and nothing was registered.
  expect(new URL(link).searchParams.get('client_id')).toBe(`${publicUrl}/oauth/client.json`);
  expect(kubeez.oauth.registered).toBe(0);
});
