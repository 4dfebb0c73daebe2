import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import { freePort } from '../../playground/freePort.ts';
import { messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
const log = () => stage.log.join('');
const openList = () => `guild:${stage.guild.id}:open`;
const commandsHash = () => `commands:${stage.discord.world.bot.id}:global`;

async function quoted(prompt = 'a fox'): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'z-image' }));
  await stage.discord.world.until(() => textOf(card).includes('[Confirm ·'), 'a price');
  return card;
}

/** A bot that was stopped while a paid job ran; the job is done by now. */
async function leaveAPaidJob(): Promise<Message> {
  stage.holdJobs();
  const first = await stage.startBot();
  const card = await quoted();
  await stage.ada.press(card, 'Confirm');
  const { id } = await stage.job();
  await stage.card(' s · ');
  await first.stop();
  stage.kubeez.platform.finish(id);
  return card;
}

const delivered = (card: Message) => stage.discord.world.until(() => textOf(card).includes('✅'), 'the result');

test('Discord refuses the commands: a paid result still arrives, and the commands are registered later', async () => {
  const card = await leaveAPaidJob();
  await stage.breakRecord(commandsHash());
  stage.discord.api.faults.push({ match: /^PUT .+commands/, answer: 400, times: Number.POSITIVE_INFINITY });
  await stage.startBot();
  await delivered(card);
  expect(log()).toContain('commands not registered; trying again later');
  const puts = () => stage.discord.api.requests.filter(({ method, status }) => method === 'PUT' && status === 200);
  expect(puts()).toHaveLength(1);
  stage.discord.api.faults.length = 0;
  stage.clock.advance(300_000);
  await stage.discord.world.until(() => puts().length === 2, 'the commands');
});

test('Discord asks to wait long with the commands: a paid result arrives meanwhile', async () => {
  const card = await leaveAPaidJob();
  await stage.breakRecord(commandsHash());
  stage.discord.api.faults.push({ match: /^PUT .+commands/, answer: 429, times: 200 });
  void stage.startBot();
  await delivered(card);
});

test('a list of open flows with an odd field: the flows in it go on all the same', async () => {
  const card = await leaveAPaidJob();
  await stage.spoilRecord(openList());
  await stage.startBot();
  expect(log()).toContain('record set aside');
  await delivered(card);
  stage.kubeez.platform.settings.hold = false;
  const second = await quoted('a wolf');
  await stage.ada.press(second, 'Confirm');
  await delivered(second);
});

test('a list of open flows of which only half is left: the bot starts, and a flow goes on when its button is pressed', async () => {
  const first = await stage.startBot();
  const card = await quoted();
  await first.stop();
  await stage.breakRecord(openList());
  await stage.startBot();
  expect(log()).toContain('record set aside');
  await stage.ada.press(card, 'Confirm');
  await delivered(card);
  expect(stage.paid()).toBe(1);
  // The next start finds what is open again.
  expect(await stage.readRecord(openList())).toContain('"ids"');
});

test.each([520, 'cut'] as const)(
  'the gateway answers %s at the start: the bot tries again until it is let in',
  async (answer) => {
    const card = await leaveAPaidJob();
    // discord.js makes four attempts of its own each time.
    stage.discord.api.faults.push({ match: /^GET .gateway.bot/, answer, times: 6 });
    await stage.startBot({}, undefined, 0.2);
    expect(log()).toContain('Discord does not let the bot in right now');
    await delivered(card);
  },
);

test('a start asks Kubeez for nothing before the bot has logged in', async () => {
  const logins: number[] = [];
  const shape = (message: object) => {
    logins.push(stage.discord.gateway.identified);
    return message;
  };
  stage.kubeez.shapes.push({ tool: /^tools\/list$/, shape });
  await stage.startBot();
  expect(logins).toEqual([1]);
});

test('a token that the gateway refuses ends the start with a sentence', async () => {
  stage.discord.gateway.closeWith = 4004;
  await expect(stage.startBot()).rejects.toThrow('Discord refuses DISCORD_TOKEN: make a new token');
});

test('HTTP_PORT is taken: the bot does without, says so, and uses it once it is free', async () => {
  const port = await freePort();
  const other = createServer().listen(port);
  onTestFinished(() => void other.close());
  const card = await leaveAPaidJob();
  await stage.startBot({ HTTP_PORT: String(port) });
  await delivered(card);
  await stage.discord.world.until(() => log().includes('HTTP_PORT cannot be used'), 'a line of the log');
  await new Promise((resolve) => other.close(resolve));
  stage.clock.advance(6_000);
  await stage.discord.world.until(() => log().includes('HTTP_PORT can be used now'), 'a line of the log');
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
});

test('a catalogue and counts that cannot be read any more are made anew', async () => {
  await stage.breakRecord('catalogue:default');
  await stage.breakRecord(`guild:${stage.guild.id}:popularity`);
  await stage.startBot();
  const card = await quoted();
  await stage.ada.press(card, 'Confirm');
  await delivered(card);
  stage.clock.advance(60_000);
  await expect.poll(() => stage.readRecord(`guild:${stage.guild.id}:popularity`)).toContain('"z-image":1');
  expect(log()).not.toContain('effect failed');
});

test('how often models were used is kept apart from the settings of the server', async () => {
  const settings = { v: 1, models: { 'nano-banana': 5 }, theme: 'night' };
  await stage.writeRecord(`guild:${stage.guild.id}`, settings);
  const bot = await stage.startBot();
  const card = await quoted();
  await stage.ada.press(card, 'Confirm');
  await delivered(card);
  await bot.stop();
  expect(await stage.readRecord(`guild:${stage.guild.id}:popularity`)).toBe(
    JSON.stringify({ v: 1, models: { 'nano-banana': 5, 'z-image': 1 } }),
  );
  expect(await stage.readRecord(`guild:${stage.guild.id}`)).toBe(JSON.stringify(settings));
});

test('stopped while it connects anew to Discord: the connection is given up, also if it fails later', async () => {
  const { gateway, world } = stage.discord;
  const bot = await stage.startBot();
  const held: Duplex[] = [];
  gateway.held = held;
  gateway.drop();
  await world.until(() => held.length > 0, 'a connection that waits for an answer');
  await bot.stop();
  // An error that nobody listens for fails the whole run.
  for (const socket of held) socket.destroy();
  await expect.poll(() => held.every((socket) => socket.closed)).toBe(true);
});

test('a bot in no server prints the link that invites it, at each start until it is in one', async () => {
  const link = `https://discord.com/oauth2/authorize?client_id=${stage.discord.world.bot.id}&scope=applications.commands+bot&permissions=274878024704`;
  stage.discord.gateway.setMember(stage.guild, false);
  for (const times of [1, 2]) {
    const bot = await stage.startBot({ LOG_LEVEL: 'info' });
    await bot.stop();
    expect(log().split(`open this link and choose your server: ${link}`)).toHaveLength(times + 1);
  }
  stage.discord.gateway.setMember(stage.guild, true);
  await stage.startBot({ LOG_LEVEL: 'info' });
  expect(log().split(link)).toHaveLength(3);
});

test('one of several processes prints no invitation: the servers of the others are not known to it', async () => {
  stage.discord.gateway.setMember(stage.guild, false);
  await stage.startBot({ SHARDS: '0', SHARD_COUNT: '2', LOG_LEVEL: 'info' });
  expect(log()).toContain('"msg":"ready"');
  expect(log()).not.toContain('oauth2/authorize');
});
