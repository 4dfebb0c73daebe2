import { type Bot, startBot } from './bot.ts';
import { steady, systemClock } from './clock.ts';
import { readConfig } from './config.ts';
import { isResumeRace } from './discord/client.ts';
import { readBudget } from './kubeez/budget.ts';
import { createLogger } from './log.ts';
import { Secrets } from './secrets.ts';
import { StartRefused } from './state/lease.ts';
import { inTheirLanguage } from './text/ofTerminal.ts';
import { t } from './text/text.ts';

const result = inTheirLanguage(process.env, readConfig);
if (!result.ok) {
  const problems = result.problems.map((problem) => `  - ${problem}`);
  const say = () => [t('start.cannot'), ...problems, '', t('start.setThese'), t('start.tryPlayground')];
  console.error(inTheirLanguage(process.env, say).join('\n'));
  process.exit(1);
}

const { config } = result;
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

async function stop(): Promise<void> {
  // A second signal does not wait.
  if (starting.signal.aborted) process.exit(1);
  starting.abort();
  // A start that is under way ends by itself, below.
  if (!bot) return;
  await bot.stop();
  process.exit(0);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

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
