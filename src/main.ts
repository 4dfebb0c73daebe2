import { type Bot, startBot } from './bot.ts';
import { steady, systemClock } from './clock.ts';
import { configOrEnd } from './configOrEnd.ts';
import { isResumeRace } from './discord/client.ts';
import { readBudget } from './kubeez/budget.ts';
import { createLogger } from './log.ts';
import { Secrets } from './secrets.ts';
import { StartRefused } from './state/lease.ts';
import { t } from './text/text.ts';

const config = configOrEnd();
const secrets = new Secrets();
const log = createLogger(config.LOG_LEVEL, undefined, secrets);

// Libraries ask Date.now for their windows (discord.js for Discord's limits, p-queue for ours): a clock that is set back
// would hold up everything until it has caught up.
Date.now = steady(
  Date.now,
  () => performance.now(),
  (by) =>
    log.warn(
      { seconds: Math.round(by / 1000) },
      'the clock was set back; the bot goes on with its own until it has caught up',
    ),
);

// After an error nobody caught the state in memory is not to be trusted; all that matters is in the store.
for (const last of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(last, (err) => {
    if (isResumeRace(err)) {
      log.warn({ err }, 'the session ended while it was resumed');
      return;
    }
    log.fatal({ err }, last);
    process.exit(1);
  });
}

const starting = new AbortController();
let bot: Bot | undefined;

let asked: NodeJS.Signals | undefined;

async function stop(signal?: NodeJS.Signals): Promise<void> {
  // Whoever sends a signal twice does not want to wait. Ctrl+C may arrive as SIGINT, and as the SIGTERM of whoever started this.
  if (signal !== undefined && signal === asked) process.exit(1);
  asked ??= signal;
  if (starting.signal.aborted) return;
  starting.abort();
  // A start that is under way ends by itself, below.
  if (!bot) return;
  await bot.stop();
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
// What started this process, and would start it again, has ended (sharded.ts).
process.on('disconnect', () => stop());

function end(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

try {
  bot = await startBot(config, { clock: systemClock, log, secrets, readBudget, signal: starting.signal, onEnd: end });
  // Asked to stop in the last moment of the start.
  if (starting.signal.aborted) {
    await bot.stop();
    process.exit(0);
  }
} catch (err) {
  if (starting.signal.aborted) process.exit(0);
  if (err instanceof StartRefused) end(t('start.refused', { sentence: err.message }));
  log.fatal({ err }, 'the bot cannot start');
  process.exit(1);
}
