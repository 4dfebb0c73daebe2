import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buttonsOf } from '../playground/discord/person.ts';
import { easyRates } from '../playground/discord/rates.ts';
import type { Channel, Message } from '../playground/discord/world.ts';
import { type Stage, startStage } from '../playground/stage.ts';
import { type Bot, startBot } from '../src/bot.ts';
import { parseConfig } from '../src/config.ts';
import type { Budget } from '../src/kubeez/budget.ts';
import { createLogger } from '../src/log.ts';
import { MovableClock } from './clock.ts';

/** Reads enough for jobs at test speed; the real budget has tests of its own. */
const wideBudget: Budget = { asking: { cap: 10_000, interval: 1000 }, watching: { cap: 10_000, interval: 1000 } };

export interface TestStage extends Stage {
  clock: MovableClock;
  /** All that the bot has logged. */
  log: string[];
  startBot(env?: Record<string, string>): Promise<Bot>;
  /** The newest message in a place that `find` accepts, as soon as there is one. */
  message(find: (message: Message) => boolean | undefined, channel?: Channel): Promise<Message>;
  /** The card in the channel, as soon as its text contains `text`. */
  card(text: string, channel?: Channel): Promise<Message>;
  /** Paid jobs the platform has. */
  paid(): number;
}

/** Both stand-ins, a clock to move, and the bot in this process, talking to them over the wire. */
export async function startTestStage(): Promise<TestStage> {
  const clock = new MovableClock();
  const folder = mkdtempSync(join(tmpdir(), 'kubeez-test-'));
  const stage = await startStage({ clock, rates: easyRates, stateUrl: `sqlite:${join(folder, 'bot.db')}` });
  stage.kubeez.platform.settings.speed = 1000;
  const log: string[] = [];
  const bots = new Set<Bot>();
  const newest = (channel: Channel, find: (message: Message) => boolean | undefined) =>
    stage.discord.world.messagesIn(channel.id).findLast(find);
  return {
    ...stage,
    clock,
    log,
    async startBot(env = {}) {
      const parsed = parseConfig({ ...stage.env, KUBEEZ_POLL_SECONDS: '0.02', ...env });
      if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
      const logger = createLogger(env.LOG_LEVEL ?? 'debug', { write: (line) => void log.push(line) });
      const bot = await startBot(parsed.config, { clock, log: logger, readBudget: wideBudget });
      bots.add(bot);
      return bot;
    },
    message: (find, channel = stage.channel) =>
      stage.discord.world.until(() => newest(channel, find), `a message (there is: ${describe(stage, channel)})`),
    card: (text, channel = stage.channel) =>
      stage.discord.world
        .until(() => newest(channel, (message) => textOf(message).includes(text)), text)
        .catch(() => {
          throw new Error(`No card says “${text}”. There is:\n${describe(stage, channel)}`);
        }),
    paid: () => stage.kubeez.platform.jobs.size,
    async close() {
      await Promise.all([...bots].map((bot) => bot.stop(2000)));
      await stage.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Everything a message says, as one text. */
export function textOf(message: Message): string {
  const embeds = message.embeds.flatMap(({ title, description, footer }) => [title, description, footer?.text]);
  return [message.content, ...embeds, ...buttonsOf(message).map((button) => `[${button.label}]`)]
    .filter(Boolean)
    .join('\n');
}

const describe = (stage: Stage, channel: Channel) =>
  stage.discord.world.messagesIn(channel.id).map(textOf).join('\n---\n');

/** What a message answers an interaction with; throws when there was none. */
export function messageOf(outcome: { type: string; message?: Message }): Message {
  if (!outcome.message) throw new Error(`Answered with ${outcome.type}`);
  return outcome.message;
}
