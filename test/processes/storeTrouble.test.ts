import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { BotProcess } from '../../playground/botProcess.ts';
import type { Message } from '../../playground/discord/world.ts';
import { pictureFile } from '../../playground/props.ts';
import { said, startProcess } from '../botProcess.ts';
import { pressIf } from '../pressIf.ts';
import { hasRedis, startRedis, stopRedisAfterEach } from '../redisServer.ts';
import { idIn, messageOf, textOf, uploadLink, uploadTo, useStage } from '../stage.ts';

const stage = useStage();
stopRedisAfterEach();
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const log = () => stage.log.join('');

async function quoted(): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.discord.world.until(() => textOf(card).includes('[Confirm ·'), 'a price', 40_000);
  return card;
}

const delivered = (card: Message) => stage.discord.world.until(() => textOf(card).includes('✅'), 'the result', 40_000);

/** A folder of its own, in which the bot makes `data/bot.db`. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubeez-state-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A process of the bot, as in production, that is ready and ends with the test. */
async function start(env: Record<string, string>): Promise<BotProcess> {
  const bot = startProcess(stage, { KUBEEZ_POLL_SECONDS: '0.1', ...env });
  await said(stage, bot, '"msg":"ready"');
  return bot;
}

const patient = 120_000;

test(
  'the machine’s clock is set back by an hour: a running job is followed, and new ones are priced, as before',
  async () => {
    stage.holdJobs();
    const bot = await start({ NODE_OPTIONS: `--import ${here('../setClockBack.mjs')}` });
    const card = await quoted();
    await stage.ada.press(card, 'Confirm');
    const job = await stage.job();
    await stage.card(' s · ');
    bot.process.kill('SIGUSR2');
    await said(stage, bot, 'set back');
    stage.kubeez.platform.finish(job.id);
    await delivered(card);
    await quoted();
    await said(stage, bot, 'the clock was set back');
  },
  patient,
);

test('the disk is full while a command comes: its card says that nothing is kept and nothing was spent, and a press gets a sentence', async () => {
  await stage.startBot({}, undefined, 0.01);
  stage.query("CREATE TRIGGER full BEFORE INSERT ON records BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END");
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  const before = card.components;
  await stage.card('I cannot keep anything right now');
  expect(textOf(card)).toContain('Nothing was spent');
  expect(card.components).toEqual([]);
  stage.query('DROP TRIGGER full');
  const id = /flow:\w+:(\w+)/.exec(JSON.stringify(before))?.[1] ?? 'gone';
  const answer = messageOf(await stage.ada.pressRaw(card, `flow:confirm:${id}`));
  expect(answer.content).toContain('I no longer have its record');
  expect(stage.paid()).toBe(0);
});

test('the disk is full while a command comes, and the bot is stopped: its card says so before the bot ends', async () => {
  const bot = await stage.startBot();
  stage.query("CREATE TRIGGER full BEFORE INSERT ON records BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END");
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await bot.stop(4000);
  expect(textOf(card)).toContain('I cannot keep anything right now');
});

test('the disk is full while a command comes, and the answer to its card is lost: the card says so all the same', async () => {
  await stage.startBot({}, undefined, 0.01);
  stage.query("CREATE TRIGGER full BEFORE INSERT ON records BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END");
  stage.discord.api.faults.push({ match: /^POST .*\/callback$/, answer: 500, takesEffect: true, times: 1 });
  // And Discord is away for a moment after that: longer than discord.js itself asks again.
  stage.discord.api.faults.push({ match: /^PATCH .*original$/, answer: 503, times: 6 });
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.card('I cannot keep anything right now');
  expect(card.components).toEqual([]);
});

test('the answer to a new card is lost, and Discord is away after that: the card is found and shows how its request ended', async () => {
  stage.kubeez.platform.credits = 1;
  await stage.startBot();
  stage.discord.api.faults.push({ match: /^POST .*\/callback$/, answer: 500, takesEffect: true, times: 1 });
  // Longer than discord.js itself asks again.
  stage.discord.api.faults.push({ match: /^GET .*original$/, answer: 503, times: 8 });
  await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' });
  await stage.cardInTime('❌');
});

/** Presses Confirm until there is a result: a start may first have to ask for the price again. */
const confirmed = (card: Message) =>
  expect
    .poll(
      () => {
        pressIf(stage.ada, card, 'Confirm');
        return textOf(card);
      },
      { timeout: 20_000, interval: 200 },
    )
    .toContain('✅');

/** A request with a price that is written: what is still to be written would be there again after the store was emptied. */
async function kept(): Promise<Message> {
  const card = await quoted();
  stage.clock.advance(1_000);
  await expect.poll(() => stage.readRecord(`flow:${idIn(card)}`)).toContain('"stage":"quoted"');
  return card;
}

test('the store was emptied while a job runs: its card says so and stands still, the log says so, and a press gets a sentence', async () => {
  stage.holdJobs();
  // Nothing is being saved while the store is emptied: that record would be there again.
  await stage.startBot({ KUBEEZ_POLL_SECONDS: '5' });
  const [running, waiting] = [await kept(), await kept()];
  await stage.ada.press(running, 'Confirm');
  const job = await stage.job();
  const id = /#(\w+)/.exec(textOf(running))?.[1];
  // The first look at the job follows at once, and what it saves would be there again as well.
  await expect.poll(() => stage.readRecord(`flow:${id}`), { timeout: 10_000 }).toMatch(/"seed":\d/);
  stage.query('DELETE FROM records');
  // Until the next look at the job.
  await stage.cardInTime('I no longer have the record');
  expect(textOf(running)).toContain('may have been charged');
  expect(running.components).toEqual([]);
  expect(log()).toContain('the record of a flow under way is gone from the store');
  // Nobody has looked after this one yet.
  const answer = messageOf(await stage.ada.press(waiting, 'Confirm'));
  expect(answer.content).toContain('I no longer have its record');
  await stage.discord.world.until(() => textOf(waiting).includes('I no longer have the record'), 'the end of the card');
  stage.kubeez.platform.finish(job.id);
  stage.clock.advance(60_000);
  const third = await quoted();
  await stage.ada.press(third, 'Confirm');
  await stage.job(2);
  expect(textOf(running)).toContain('I no longer have the record');
});

test('the store was emptied, and Discord is away when that is noticed: the card says so once it can be reached', async () => {
  stage.holdJobs();
  await stage.startBot({ KUBEEZ_POLL_SECONDS: '5' });
  const waiting = await kept();
  stage.query('DELETE FROM records');
  const edits = /^PATCH .*messages/;
  stage.discord.api.faults.push({ match: edits, answer: 503, times: 8 });
  const answer = messageOf(await stage.ada.press(waiting, 'Confirm'));
  expect(answer.content).toContain('I no longer have its record');
  await expect.poll(() => log()).toContain('card that was left not changed');
  expect(textOf(waiting)).not.toContain('I no longer have the record');
  await stage.cardInTime('I no longer have the record');
  expect(waiting.components).toEqual([]);
});

test('the store was emptied, and the channel is closed when that is noticed: the card says so once it is open again', async () => {
  stage.holdJobs();
  await stage.startBot({ KUBEEZ_POLL_SECONDS: '5' });
  const waiting = await kept();
  stage.query('DELETE FROM records');
  stage.channel.denied.add('ViewChannel');
  await stage.ada.press(waiting, 'Confirm');
  await expect.poll(() => log()).toContain('card that was left not changed');
  expect(textOf(waiting)).not.toContain('I no longer have the record');
  stage.channel.denied.clear();
  await stage.cardInTime('I no longer have the record');
  expect(waiting.components).toEqual([]);
});

test('the store was emptied while a result was on its way: it is delivered, and kept anew with all that its card offers', async () => {
  await stage.startBot({ KUBEEZ_POLL_SECONDS: '5' });
  const card = await quoted();
  const id = /#(\w+)/.exec(textOf(card))?.[1];
  let isEmptied = false;
  stage.discord.api.gate = async (method) => {
    const isDelivering = method === 'PATCH' && (await stage.readRecord(`flow:${id}`))?.includes('"stage":"delivering"');
    if (isDelivering && !isEmptied) stage.query('DELETE FROM records');
    isEmptied ||= isDelivering === true;
  };
  await stage.ada.press(card, 'Confirm');
  await delivered(card);
  expect(isEmptied).toBe(true);
  expect(card.attachments).toHaveLength(1);
  await expect.poll(() => stage.readRecord(`flow:${id}`)).toContain('"stage":"delivered"');
  const variant = messageOf(await stage.ada.press(card, 'Again'));
  await stage.says(variant, 'Confirm ·');
  expect(stage.paid()).toBe(1);
});

test(
  'the files of the store are its owner’s alone, and a -wal that is missing after a kill is told',
  async () => {
    const file = join(newFolder(), 'data', 'bot.db');
    const env = { STATE_URL: `sqlite:${file}` };
    const first = await start(env);
    await quoted();
    for (const suffix of ['', '-wal', '-shm', '.lock']) expect(statSync(file + suffix).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
    first.process.kill('SIGKILL');
    await first.ended;
    rmSync(`${file}-wal`);
    rmSync(`${file}-shm`, { force: true });
    const second = await stage.startBot(env);
    expect(log()).toContain('its -wal file is not beside it');
    await second.stop();
    expect(existsSync(`${file}-wal`)).toBe(false);
    stage.log.length = 0;
    await stage.startBot(env);
    expect(log()).not.toContain('its -wal file is not beside it');
  },
  patient,
);

test('`npm run backup` while the bot runs, and `npm run restore`: its open flows go on', async () => {
  const folder = newFolder();
  const env = { STATE_URL: `sqlite:${join(folder, 'data', 'bot.db')}` };
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [here('../../dist/src/backup/main.js'), ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, STATE_URL: 'sqlite:data/bot.db' },
      encoding: 'utf8',
    });
  const first = await stage.startBot(env);
  const card = await quoted();
  expect(run('backup', 'backup.db')).toContain('backup.db holds all ');
  await first.stop();
  expect(() => run('backup', 'backup.db')).toThrow('exists already');
  expect(run('restore', 'backup.db')).toContain('records of backup.db are in place');
  stage.log.length = 0;
  await stage.startBot(env);
  expect(log()).toContain('"resumed":1');
  expect(log()).not.toContain('its -wal file is not beside it');
  await confirmed(card);
});

test(
  'the files of the store are deleted while the bot runs: they are written anew, and nothing is lost',
  async () => {
    const file = join(newFolder(), 'data', 'bot.db');
    const env = { STATE_URL: `sqlite:${file}` };
    const first = await start(env);
    const card = await quoted();
    rmSync(join(file, '..'), { recursive: true });
    const second = await quoted();
    expect(first.output.join('')).toContain('it was written anew');
    first.process.kill('SIGKILL');
    await first.ended;
    await stage.startBot(env);
    expect(log()).toContain('"resumed":2');
    for (const one of [card, second]) await confirmed(one);
  },
  patient,
);

test('what opens nothing any more is not kept: the token of an interaction, and the upload link', async () => {
  await stage.startBot();
  const card = messageOf(
    await stage.ada.command(stage.channel, 'edit', { prompt: 'make it night', model: 'qwen-image-to-image' }),
  );
  await stage.card('in your DMs');
  const link = await uploadLink(stage);
  const [token] = stage.kubeez.platform.uploads.keys();
  const id = /#(\w+)/.exec(textOf(card))?.[1];
  expect(await stage.readRecord(`flow:${id}`)).toContain(token);
  await uploadTo(link, ['cat.png', await pictureFile()]);
  await stage.discord.world.until(() => textOf(card).includes('[Confirm ·'), 'a price');
  expect(await stage.readRecord(`flow:${id}`)).toContain('"session":null');
  await stage.ada.press(card, 'Confirm');
  await delivered(card);
  await expect.poll(() => stage.readRecord(`flow:${id}`)).toContain('"stage":"delivered"');
  expect(await stage.readRecord(`flow:${id}`)).toContain('"token":""');
  expect(log()).not.toContain(token);
});

test('a server that repeats the token in an error gets it neither onto the card nor into the log', async () => {
  await stage.startBot();
  const card = await quoted();
  stage.kubeez.faults.push({ tool: /generate_media/, how: 'echo', times: 1 });
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => textOf(card).includes('Invalid parameters'), 'the refusal');
  expect(textOf(card)).toMatch(/Authorization: Bearer .{0,2}secret/);
  for (const text of [textOf(card), log()]) {
    expect(text).not.toContain(stage.kubeez.token);
    expect(text).not.toContain(encodeURIComponent(stage.kubeez.token));
  }
});

test.skipIf(!hasRedis)(
  'a Redis that answers nothing: the log says it once, and everything goes on when it is back',
  async () => {
    stage.holdJobs();
    const redis = await startRedis();
    await stage.startBot({ STATE_URL: redis.url });
    const card = await quoted();
    await stage.ada.press(card, 'Confirm');
    const job = await stage.job();
    await stage.card(' s · ');
    redis.hold(true);
    stage.kubeez.platform.finish(job.id);
    stage.clock.advance(10_000);
    const lines = () => stage.log.filter((line) => line.includes('does not answer; connecting anew'));
    await stage.discord.world.until(() => lines().length > 0, 'a line of the log', 40_000);
    redis.hold(false);
    await delivered(card);
    expect(lines()).toHaveLength(1);
    expect(stage.paid()).toBe(1);
  },
  patient,
);
