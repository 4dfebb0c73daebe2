import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import PQueue from 'p-queue';
import { startBotProcess } from '../playground/botProcess.ts';
import { buttonsOf, type Person } from '../playground/discord/person.ts';
import { easyRates, type Rates, realRates } from '../playground/discord/rates.ts';
import type { Message } from '../playground/discord/world.ts';
import { type Stage, startStage } from '../playground/stage.ts';
import { systemClock } from '../src/clock.ts';
import { begin, connectionsOf, startTenantBot, tenants } from './accounts.ts';
import { deliverTogether } from './deliveries.ts';
import { keepBusy } from './load.ts';
import { setManyRules } from './manyRules.ts';
import { answerTimes, memoryOf, processorOf, quantile, wait } from './measure.ts';
import { leaveOpenFlows } from './openFlows.ts';
import { fillChannel, pressTimes, quotedCards } from './presses.ts';

/**
 * `npm run bench`: the figures of the design, measured; ratios are against a bare discord.js bot of the same run.
 * `npm run bench -- lag` runs one part.
 */
const openFlows = 1000;
const accounts = 1000;
const rows: { what: string; measured: string; bound: string; holds: boolean }[] = [];
const note = (what: string, measured: string, bound: string, holds: boolean) =>
  rows.push({ what, measured, bound, holds });

/** Discord’s, but that bots are started one right after another. */
const startRates = { ...realRates, identify: easyRates.identify };

const newStage = (rates: Rates = startRates) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeez-bench-'));
  return startStage({ clock: systemClock, rates, stateUrl: `sqlite:${join(folder, 'bot.db')}` });
};

/** Starts a bot and waits until its commands are there. */
async function ready(stage: Stage, start: () => ChildProcess): Promise<ChildProcess> {
  const child = start();
  await stage.discord.world.until(() => stage.ada.commands(stage.channel).length > 0 && child, 'the bot', 60_000);
  await wait(1500);
  return child;
}

const startBare = (stage: Stage) =>
  spawn(process.execPath, [fileURLToPath(new URL('./bareBot.js', import.meta.url))], {
    env: { PATH: process.env.PATH, ...stage.env },
    stdio: 'inherit',
  });
const startOurs = (stage: Stage, env: Record<string, string> = {}) =>
  startBotProcess({ ...stage.env, LOG_LEVEL: 'warn', ...env }).process;

/**
 * Three bare bots on a stage of their own. The memory of one that has little to do depends on when it last collected its
 * garbage (66 to 84 MiB), so ours is compared with the one in the middle.
 */
async function startBareBots(): Promise<{ memory(): number; end(): Promise<void> }> {
  const stage = await newStage();
  const bots: ChildProcess[] = [];
  for (let left = 3; left > 0; left--) bots.push(await ready(stage, () => startBare(stage)));
  return {
    memory: () =>
      quantile(
        bots.map(({ pid }) => memoryOf(pid)),
        0.5,
      ),
    async end() {
      await Promise.all(bots.map(end));
      await stage.close();
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Twenty people use a command at once; the bots in turns, so that they share whatever the machine is doing. */
async function acknowledgement(): Promise<void> {
  const stages = [await newStage(), await newStage(), await newStage()] as const;
  await setManyRules(stages[2]);
  const bots = [
    await ready(stages[0], () => startBare(stages[0])),
    await ready(stages[1], () => startOurs(stages[1])),
    await ready(stages[2], () => startOurs(stages[2])),
  ];
  const crowd = ({ discord, guild }: Stage): Person[] =>
    Array.from({ length: 20 }, (_, index) => {
      const user = discord.world.addUser(`User ${index}`);
      guild.members.add(user.id);
      return discord.person(user);
    });
  const places = stages.map((stage) =>
    Array.from({ length: 20 }, (_, index) => stage.discord.world.addChannel(stage.guild, `c${index}`)),
  );
  const people = stages.map(crowd);
  const times: [number[], number[], number[]] = [[], [], []];
  for (let turn = 0; turn < 32; turn++) {
    // There and back: whoever comes next finds a machine that still works for the one before.
    for (const index of turn % 2 === 0 ? ([0, 1, 2] as const) : ([2, 1, 0] as const)) {
      const measured = await answerTimes(people[index] ?? [], places[index] ?? [], 1);
      // The first turns warm both up.
      if (turn >= 2) times[index].push(...measured);
    }
  }
  await Promise.all(bots.map(end));
  await Promise.all(stages.map((stage) => stage.close()));
  const [bare, ours, withRules] = times;
  noteAnswer('20 users at once', bare, ours);
  noteAnswer('20 users at once, 200 rules set', bare, withRules);
}

function noteAnswer(what: string, bare: number[], ours: number[]): void {
  for (const [name, share] of [
    ['median', 0.5],
    ['p99', 0.99],
  ] as const) {
    const [b, o] = [quantile(bare, share), quantile(ours, share)];
    const ratio = o / b;
    const bound = name === 'median' ? '≤ 1.5 ×' : '–';
    note(
      `${what}: ${name} of the answer`,
      `${o.toFixed(1)} ms, bare ${b.toFixed(1)} ms, ${ratio.toFixed(2)} ×`,
      bound,
      name !== 'median' || ratio <= 1.5,
    );
  }
}

/** A start with many flows left open, and a minute of following them. */
async function manyFlows(): Promise<void> {
  const bare = await startBareBots();
  const stage = await newStage();
  await leaveOpenFlows(stage, openFlows);
  const { platform } = stage.kubeez;
  const paid = platform.jobs.size;
  const bot = startBotProcess({ ...stage.env, LOG_LEVEL: 'info' });
  await stage.discord.world.until(() => stage.discord.gateway.identified > 0, 'READY', 60_000);
  const readyAt = Date.now();
  const taken = () => bot.output.join('').match(/"resumed":(\d+)/)?.[1];
  while (taken() === undefined && Date.now() - readyAt < 60_000) await wait(20);
  const seconds = (Date.now() - readyAt) / 1000;
  note(
    `start with ${openFlows} open flows: taken up after READY`,
    `${taken()} in ${seconds.toFixed(1)} s`,
    '≤ 10 s',
    Number(taken()) === openFlows && seconds <= 10,
  );
  note('paid calls at that start', `${platform.jobs.size - paid}`, '0', platform.jobs.size === paid);

  platform.reads.length = 0;
  await wait(65_000);
  const counts = platform.reads.map((at) => platform.reads.filter((one) => one > at - 60_000 && one <= at).length);
  const most = Math.max(0, ...counts);
  note(
    'reads in any minute, 500 of them running',
    `${most}, refused ${platform.refusedReads}`,
    '≤ 120, 0',
    most <= 120 && platform.refusedReads === 0,
  );
  const [ours, base] = [memoryOf(bot.process.pid), bare.memory()];
  note(
    `memory with ${openFlows} open flows`,
    `${ours.toFixed(0)} MiB, bare ${base.toFixed(0)} MiB, +${(ours - base).toFixed(0)} MiB`,
    '≤ +60 MiB',
    ours - base <= 60,
  );
  await Promise.all([end(bot.process), bare.end()]);
  await stage.close();
}

/** From the end of a job to its files on the card, with the usual poll. */
async function lag(): Promise<void> {
  const stage = await newStage();
  const { platform } = stage.kubeez;
  Object.assign(platform.settings, { speed: 20, hold: true });
  const poll = 5;
  const bot = await ready(stage, () => startOurs(stage, { KUBEEZ_POLL_SECONDS: String(poll) }));
  const cards: Message[] = [];
  for (let index = 0; index < 5; index++) {
    const channel = stage.discord.world.addChannel(stage.guild, `c${index}`);
    const outcome = await stage.ada.command(channel, 'image', { prompt: `lag ${index}`, model: 'z-image' });
    if (outcome.type !== 'message') throw new Error(`Answered with ${outcome.type}`);
    const card = outcome.message;
    await stage.discord.world.until(() => buttonsOf(card)[0]?.label.startsWith('Confirm'), 'a price');
    await stage.ada.press(card, 'Confirm');
    cards.push(card);
  }
  await stage.discord.world.until(() => platform.jobs.size === 5, 'five jobs').catch(() => undefined);
  await wait(3000);
  const finished = new Map<string, number>();
  for (const job of platform.jobs.values()) {
    platform.finish(job.id);
    finished.set(job.prompt, Date.now());
    await wait(1300);
  }
  const lags = await Promise.all(
    cards.map(async (card, index) => {
      await stage.discord.world.until(() => card.attachments.length > 0, 'a result', 30_000);
      return ((card.editedAt ?? 0) - (finished.get(`lag ${index}`) ?? 0)) / 1000;
    }),
  );
  const median = quantile(lags, 0.5);
  note(
    'end of a job → files on the card, median',
    `${median.toFixed(1)} s, poll ${poll} s`,
    `≤ ${poll + 1} s`,
    median <= poll + 1,
  );
  await end(bot);
  await stage.close();
}

/** Forty flows at once on one account, each followed by the next, for ten minutes of the platform's sped-up time. */
async function load(): Promise<void> {
  const stage = await newStage();
  const { platform } = stage.kubeez;
  platform.credits = 100_000;
  platform.settings.speed = 6;
  const poll = 5;
  const bot = await ready(stage, () => startOurs(stage, { KUBEEZ_POLL_SECONDS: String(poll) }));
  const { confirmed, lags } = await keepBusy(stage, 40, (10 * 60_000) / platform.settings.speed);
  const counts = platform.reads.map((at) => platform.reads.filter((one) => one > at - 60_000 && one <= at).length);
  const most = Math.max(...counts);
  note(
    `40 flows at once, ${lags.length} in all: reads in any minute, refused`,
    `${most}, ${platform.refusedReads}`,
    '≤ 120, 0',
    most <= 120 && platform.refusedReads === 0,
  );
  note('40 flows at once: starts refused', `${platform.refusedStarts}`, '0', platform.refusedStarts === 0);
  const paid = platform.jobs.size;
  note('40 flows at once: paid calls, confirmed', `${paid}, ${confirmed}`, 'equal', paid === confirmed);
  const [first, all] = [quantile(lags.slice(0, 10), 0.5), quantile(lags, 0.5)];
  note(
    '40 flows at once: end of a job → files, median of the first 10, of all',
    `${first.toFixed(1)} s, ${all.toFixed(1)} s`,
    `≤ ${poll + 1} s, –`,
    first <= poll + 1,
  );
  await end(bot);
  await stage.close();
}

/** A thousand servers, each with an account of its own and one flow, in one process. */
async function manyAccounts(): Promise<void> {
  const bare = await startBareBots();
  const stage = await newStage();
  stage.kubeez.platform.settings.hold = true;
  const { all, key } = await tenants(stage, accounts);
  const bot = await startTenantBot(stage, key);
  let begun = 0;
  const queue = new PQueue({ concurrency: 50 });
  for (const { person, channel } of all) {
    void queue.add(async () => {
      await begin(stage, person, channel, 'image', { prompt: 'tenant', model: 'z-image' }).then(
        () => begun++,
        (error) => console.error(String(error)),
      );
    });
  }
  await queue.onIdle();
  await wait(20_000);
  const [ours, base] = [memoryOf(bot.process.pid), bare.memory()];
  note(`${accounts} servers with accounts: flows begun`, `${begun}`, `${accounts}`, begun === accounts);
  note(
    `${accounts} servers with accounts: memory`,
    `${ours.toFixed(0)} MiB, bare ${base.toFixed(0)} MiB, +${(ours - base).toFixed(0)} MiB`,
    '≤ +200 MiB',
    ours - base <= 200,
  );
  const sockets = connectionsOf(bot.process.pid);
  note(`${accounts} servers with accounts: open connections`, `${sockets}`, '≤ 300', sockets <= 300);
  await Promise.all([end(bot.process), bare.end()]);
  await stage.close();
}

/** Results of 9 MB that end together, each in a server with an account of its own. */
async function deliveries(): Promise<void> {
  const stage = await newStage();
  const { all, key } = await tenants(stage, 110);
  const bot = await startTenantBot(stage, key);
  for (const some of [all.slice(0, 10), all.slice(10)]) {
    const { most, kept } = await deliverTogether(stage, bot.process.pid, some);
    note(
      `${some.length} results of 9 MB that end together: memory at most, kept`,
      `+${most.toFixed(0)} MiB, +${kept.toFixed(0)} MiB`,
      '≤ +50 MiB, –',
      most <= 50,
    );
  }
  await end(bot.process);
  await stage.close();
}

/** Pictures, one after the other: what each costs the processor. Not more than the reads of a minute allow. */
async function cost(): Promise<void> {
  const stage = await newStage(easyRates);
  Object.assign(stage.kubeez.platform.settings, { speed: 1000, mediaScale: 1 / 4 });
  const bot = await ready(stage, () => startOurs(stage, { KUBEEZ_POLL_SECONDS: '0.1' }));
  const [first, measured] = [5, 15];
  let before = 0;
  for (let number = 1; number <= first + measured; number++) {
    await begin(stage, stage.ada, stage.channel, 'image', { prompt: `cost ${number}`, model: 'z-image' });
    const isThere = () =>
      [...stage.discord.world.messagesIn(stage.channel.id)].every((card) => card.attachments.length > 0);
    await stage.discord.world.until(isThere, 'a result', 60_000);
    // The first ones warm it up.
    if (number === first) before = processorOf(bot.pid);
  }
  await wait(500);
  const each = (processorOf(bot.pid) - before) / measured;
  note(`a picture, of ${measured} one after the other: processor`, `${each.toFixed(0)} ms`, '–', true);
  await end(bot);
  await stage.close();
}

const notePresses = (what: string, times: number[]) => {
  const [median, worst] = [quantile(times, 0.5), Math.max(...times)];
  note(
    `press → changed card, ${what}: median, worst of ${times.length}`,
    `${median.toFixed(2)} s, ${worst.toFixed(2)} s`,
    '≤ 0.3 s, ≤ 1 s',
    median <= 0.3 && worst <= 1,
  );
};

/** From a press to the changed card where much else is to be drawn: a busy channel, and a start with many open flows. */
async function presses(): Promise<void> {
  const busy = await newStage();
  busy.kubeez.platform.settings.hold = true;
  const first = await ready(busy, () => startOurs(busy));
  await fillChannel(busy);
  const cards = await quotedCards(busy, 20);
  const confirmed = cards.map((message, index) => {
    const isCancelled = index % 2 === 1;
    const [confirm, cancel] = buttonsOf(message).map((button) => button.custom_id ?? '');
    return { message, id: (isCancelled ? cancel : confirm) ?? '', shows: isCancelled ? 'Cancelled' : 'Confirmed by' };
  });
  notePresses('20 jobs running in the same channel', await pressTimes(busy, busy.ben, confirmed, 250));
  await end(first);
  await busy.close();

  const stage = await newStage();
  const quoted = await leaveOpenFlows(stage, openFlows);
  const second = startOurs(stage);
  await stage.discord.world.until(() => stage.discord.gateway.identified > 0, 'READY', 60_000);
  const cancelled = quoted.map(({ message, id }) => ({ message, id: `flow:cancel:${id}`, shows: 'Cancelled' }));
  const times = await pressTimes(stage, stage.ada, cancelled, 250, 10_000);
  notePresses(`within 10 s after a start with ${openFlows} open flows`, times);
  await end(second);
  await stage.close();
}

const parts = { acknowledgement, manyFlows, cost, lag, load, presses, manyAccounts, deliveries };
for (const [name, part] of Object.entries(parts)) if (!process.argv[2] || process.argv[2] === name) await part();
console.log('\n| what | measured | bound | holds |\n| --- | --- | --- | --- |');
for (const { what, measured, bound, holds } of rows)
  console.log(`| ${what} | ${measured} | ${bound} | ${holds ? 'yes' : '**no**'} |`);
process.exit(rows.every((row) => row.holds) ? 0 : 1);
