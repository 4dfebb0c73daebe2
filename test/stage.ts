import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keyv } from 'keyv';
import Database from 'libsql';
import { afterEach, beforeEach } from 'vitest';
import { z } from 'zod';
import type { Form, Outcome } from '../playground/discord/interactions.ts';
import { buttonsOf } from '../playground/discord/person.ts';
import { easyRates } from '../playground/discord/rates.ts';
import type { Channel, Message } from '../playground/discord/world.ts';
import type { Job, Settings } from '../playground/kubeez/platform.ts';
import { type Stage, startStage } from '../playground/stage.ts';
import { type Bot, startBot } from '../src/bot.ts';
import { parseConfig } from '../src/config.ts';
import { type Changes, change } from '../src/flows/change.ts';
import { type Flow, flowSchema } from '../src/flows/flow.ts';
import type { Budget } from '../src/kubeez/budget.ts';
import { createLogger } from '../src/log.ts';
import { Secrets } from '../src/secrets.ts';
import { SqliteStore } from '../src/state/sqlite.ts';
import { MovableClock } from './clock.ts';

/** Reads enough for jobs at test speed; the real budget has tests of its own. */
export const wide = { cap: 10_000, interval: 1000 };
const wideBudget: Budget = { all: wide, asking: wide, watching: wide };

/** Generations of the platform's tools: what depends on tools is tried on each (test/generations). */
export const generations = ['documented', 'newer'] as const;
type Generation = Settings['generation'];

/** Which form of MCP the stand-in speaks, unless a test says otherwise: `npm run test:newEra` tries the newer one. */
const era = z.enum(['sessions', 'stateless']).default('sessions').parse(process.env.MCP_ERA);

/** Whether the stand-in speaks the form of MCP that has sessions. */
export const hasSessions = era === 'sessions';

/** Where a database never waits for a disk, so that tests measure nothing of it. */
const inMemory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export interface TestStage extends Stage {
  clock: MovableClock;
  /** All that the bot has logged. */
  log: string[];
  /** `waitFactor`: by how much Kubeez and the store are waited for longer than usual. */
  startBot(env?: Record<string, string>, budget?: Budget, waitFactor?: number): Promise<Bot>;
  /** The newest message in a place that `find` accepts, as soon as there is one. */
  message(find: (message: Message) => boolean | undefined, channel?: Channel): Promise<Message>;
  /** The card in the channel, as soon as its text contains `text`. */
  card(text: string, channel?: Channel): Promise<Message>;
  /** The same, while the time runs fast. */
  cardInTime(text: string): Promise<Message>;
  /** Lets the time run fast, by `milliseconds` every `every` real ones, until something that is waited for has happened. */
  inTime<Result>(happens: Promise<Result>, milliseconds?: number, every?: number): Promise<Result>;
  /** Resolves as soon as a message's text contains `text`. */
  says(message: Message, text: string): Promise<unknown>;
  /** Resolves with the newest job of the platform, as soon as there are this many. */
  job(count?: number): Promise<Job>;
  /** Lets jobs run until a test finishes them. */
  holdJobs(): void;
  /** Changes a stored record so that it fits no schema. */
  spoilRecord(key: string): Promise<void>;
  /** Leaves half of a stored record's text. */
  breakRecord(key: string): Promise<void>;
  /** Stores a record. */
  writeRecord(key: string, value: object): Promise<void>;
  /** Does something to the database, as another program would. SQLite store only. */
  query(sql: string): void;
  /** All that is stored, as text. */
  rows(): { key: string; value: string }[];
  /** Stores such rows. */
  putRows(rows: { key: string; value: string }[]): Promise<void>;
  /** The stored record of a flow. */
  readFlow(id: string): Promise<Flow>;
  /** Resolves as soon as the log says that a card's flow was saved in this stage. */
  saved(card: Message, to: string): Promise<unknown>;
  /** The ids of flows that are on a list of open ones. */
  openFlows(): string[];
  /** Changes the stored record of a flow, while no bot runs. */
  changeFlow(id: string, changes: Changes): Promise<void>;
  /** A stored record as text. */
  readRecord(key: string): Promise<string>;
  /** Paid jobs the platform has. */
  paid(): number;
}

/** Both stand-ins, a clock to move, and the bot in this process, talking to them over the wire. */
async function startTestStage(generation: Generation): Promise<TestStage> {
  const clock = new MovableClock();
  const folder = mkdtempSync(join(inMemory, 'kubeez-test-'));
  const stage = await startStage({ clock, rates: easyRates, stateUrl: `sqlite:${join(folder, 'bot.db')}` });
  Object.assign(stage.kubeez.platform.settings, {
    speed: 1000,
    readsPerMinute: 1_000_000,
    // Nobody looks at the results, and to draw them would take half of a test's time.
    mediaScale: 1 / 4,
    generation,
    era,
  });
  // One thing to wait for: whatever changes at either stand-in.
  stage.kubeez.platform.on('change', () => stage.discord.world.changed());
  const database = new SqliteStore(join(folder, 'bot.db'));
  const keyv = new Keyv({ store: database, namespace: 'kubeez' });
  const log: string[] = [];
  const bots = new Set<Bot>();
  const card = (text: string, channel = stage.channel) =>
    stage.discord.world
      .until(() => newest(channel, (message) => textOf(message).includes(text)), text)
      .catch(() => {
        throw new Error(`No card says “${text}”. There is:\n${describe(stage, channel)}`);
      });
  const inTime = <Result>(happens: Promise<Result>, milliseconds = 10_000, every = 40) => {
    const later = setInterval(() => clock.advance(milliseconds), every);
    return happens.finally(() => clearInterval(later));
  };
  const newest = (channel: Channel, find: (message: Message) => boolean | undefined) =>
    stage.discord.world.messagesIn(channel.id).findLast(find);
  const readFlow = async (id: string) => flowSchema.parse(await keyv.get(`flow:${id}`));
  const rows = () => {
    const other = new Database(join(folder, 'bot.db'));
    const all = z
      .array(z.object({ key: z.string(), value: z.string() }))
      .parse(other.prepare('SELECT key, value FROM records ORDER BY key').all([]));
    other.close();
    return all;
  };
  return {
    ...stage,
    clock,
    log,
    async startBot(env = {}, budget = wideBudget, waitFactor = 1) {
      const parsed = parseConfig({ ...stage.env, KUBEEZ_POLL_SECONDS: '0.05', ...env });
      if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
      const secrets = new Secrets();
      const destination = {
        write(line: string) {
          log.push(line);
          stage.discord.world.changed();
        },
      };
      const logger = createLogger(env.LOG_LEVEL ?? 'debug', destination, secrets);
      const bot = await startBot(parsed.config, { clock, log: logger, secrets, readBudget: budget, waitFactor });
      bots.add(bot);
      return bot;
    },
    message: (find, channel = stage.channel) =>
      stage.discord.world.until(() => newest(channel, find), `a message (there is: ${describe(stage, channel)})`),
    card,
    cardInTime: (text) => inTime(card(text)),
    inTime,
    says: (message, text) =>
      stage.discord.world
        .until(() => textOf(message).includes(text), text)
        .catch(() => {
          throw new Error(`It does not say “${text}”: ${textOf(message)}`);
        }),
    job: (count = 1) =>
      stage.discord.world.until(
        () => stage.kubeez.platform.jobs.size >= count && [...stage.kubeez.platform.jobs.values()].at(-1),
        'a job',
      ),
    holdJobs() {
      stage.kubeez.platform.settings.hold = true;
    },
    async spoilRecord(key) {
      await keyv.set(key, { ...(await keyv.get<object>(key)), v: 'odd' });
    },
    breakRecord: (key) => database.set(`kubeez:${key}`, '{"value":{"v":1,"ids'),
    async writeRecord(key, value) {
      await keyv.set(key, value);
    },
    query(sql) {
      const other = new Database(join(folder, 'bot.db'));
      other.exec(sql);
      other.close();
    },
    rows,
    async putRows(rows) {
      for (const { key, value } of rows) await database.set(key, value);
    },
    readFlow,
    saved: (card, to) =>
      stage.discord.world.until(
        () => log.some((line) => line.includes(`"to":"${to}"`) && line.includes(idIn(card))),
        `a record: ${to}`,
      ),
    openFlows() {
      const lists = rows().filter(({ key }) => key.endsWith(':open'));
      return lists.flatMap(({ value }) => JSON.parse(value).value.ids);
    },
    async changeFlow(id, changes) {
      await keyv.set(`flow:${id}`, change(await readFlow(id), changes));
    },
    readRecord: async (key) => JSON.stringify(await keyv.get(key)),
    paid: () => stage.kubeez.platform.jobs.size,
    async close() {
      await Promise.all([...bots].map((bot) => bot.stop(2000)));
      await stage.close();
      await keyv.disconnect();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A fresh stage for every test of a file or a group, with the tools of one generation; the bot's log is shown when a test fails. */
export function useStage(generation: Generation = 'documented'): TestStage {
  let current: TestStage | undefined;
  beforeEach(async ({ onTestFailed }) => {
    const stage = await startTestStage(generation);
    current = stage;
    onTestFailed(() => console.log(stage.log.filter((line) => !line.includes('"level":20')).join('')));
  });
  afterEach(() => current?.close());
  return new Proxy({} as TestStage, { get: (_, key) => current && Reflect.get(current, key) });
}

/** Everything a message says, as one text. */
export function textOf(message: Message): string {
  const embeds = message.embeds.flatMap(({ title, description, footer }) => [title, description, footer?.text]);
  return [message.content, ...embeds, ...buttonsOf(message).map((button) => `[${button.label}]`)]
    .filter(Boolean)
    .join('\n');
}

/** What the buttons of a message are called. */
export const labels = (message: Message) => buttonsOf(message).map(({ label }) => label);

/** The id of the flow that a card shows. */
export const idIn = (card: Message) => /#(\w{8})/.exec(textOf(card))?.[1] ?? '';

const describe = (stage: Stage, channel: Channel) =>
  stage.discord.world.messagesIn(channel.id).map(textOf).join('\n---\n');

/** What a message answers an interaction with; throws when there was none. */
export function messageOf(outcome: { type: string; message?: Message }): Message {
  if (!outcome.message) throw new Error(`Answered with ${outcome.type}`);
  return outcome.message;
}

/** The form an interaction was answered with; throws when there was none. */
export function formOf(outcome: Outcome): Form {
  if (outcome.type !== 'form') throw new Error(`Answered with ${outcome.type}`);
  return outcome.form;
}

/** Uploads as the page behind a link does. */
export async function uploadTo(link: string, ...files: [name: string, data: Buffer][]): Promise<Response> {
  const form = new FormData();
  for (const [name, data] of files) form.append('file', new File([new Uint8Array(data)], name));
  return fetch(link, { method: 'POST', body: form });
}

/** The link of an upload, alone in its message in Ada's DMs, as soon as there is one other than `old`. */
export const uploadLink = (stage: TestStage, old = ''): Promise<string> =>
  stage.discord.world.until(
    () =>
      stage.ada
        .directMessages()
        .map(({ content }) => content)
        .findLast((content) => /^https?:\S+$/.test(content) && content !== old),
    'an upload link',
  );

/** A channel of a new server, which belongs to this shard of two. */
export function channelOn({ discord: { world }, ada }: TestStage, shard: 0 | 1): Channel {
  for (;;) {
    const guild = world.addGuild(`Studio ${shard}`, [ada.user]);
    if (Number((BigInt(guild.id) >> 22n) % 2n) === shard) return world.addChannel(guild, 'general');
  }
}

/** Ends every job that runs, as soon as there is one. */
export async function finishAll(stage: TestStage): Promise<void> {
  await stage.job();
  for (const { id } of stage.kubeez.platform.jobs.values()) stage.kubeez.platform.finish(id);
}

/** What a speech job was asked to say, in the form of either generation. */
export function spokenIn({ arguments: { dialogue, text, voice } }: Job): unknown {
  return dialogue ?? [{ text, ...(voice === undefined ? {} : { voice }) }];
}
