import { parse } from 'dotenv';
import { type Config, parseConfig } from '../config.ts';
import { allOf, t } from '../text/text.ts';
import { askForBot } from './bot.ts';
import { registerNow } from './commands.ts';
import type { EnvFile } from './envFile.ts';
import type { Values } from './envText.ts';
import { invite } from './invitation.ts';
import { askWhoPays } from './payment.ts';
import { readOrStop, save } from './saving.ts';
import { Cancelled, Stopped, type Talk } from './talk.ts';

type Environment = Record<string, string | undefined>;

/**
 * `npm run setup`: asks for what the bot needs, checks each answer, and keeps all of it in `.env`. Nothing is written
 * before everything is answered. Gives the exit code.
 *
 * @param environment what is set beside the file, and wins over it
 */
export async function setUp(talk: Talk, file: EnvFile, environment: Environment): Promise<number> {
  try {
    await allSteps(talk, file, environment);
    return 0;
  } catch (error) {
    if (error instanceof Cancelled) talk.giveUp(t('setup.cancelled'));
    else if (error instanceof Stopped) talk.giveUp(error.message);
    else throw error;
    return 1;
  }
}

async function allSteps(talk: Talk, file: EnvFile, environment: Environment): Promise<void> {
  talk.begin(t('setup.title'));
  talk.explain(t('setup.before'), t('setup.welcome'));
  const given: Environment = { ...parse(readOrStop(file)), ...environment };
  const [botToken, accountToken] = [given.DISCORD_TOKEN?.trim(), given.KUBEEZ_TOKEN?.trim()].map(
    (token) => token || undefined,
  );
  // What is wrong with all else is said before anything is asked.
  const config = configOf({ ...given, DISCORD_TOKEN: botToken ?? '?', KUBEEZ_TOKEN: accountToken ?? '?' });
  const bot = await askForBot(talk, config, botToken);
  await invite(talk, config, bot);
  const payment = await askWhoPays(talk, config, { token: accountToken, hasKey: config.STATE_KEY !== undefined });
  const values = { DISCORD_TOKEN: bot.token, ...payment };
  await save(talk, file, values);
  warnOfEnvironment(talk, values, environment);
  await registerNow(talk, configOf({ ...given, ...values }), bot);
  talk.end(t('setup.done'));
}

/** Throws {@link Stopped} for what the bot would not start with. */
function configOf(environment: Environment): Config {
  const parsed = parseConfig(environment);
  if (!parsed.ok) throw new Stopped(t('setup.badSettings', { problems: allOf(parsed.problems) }));
  return parsed.config;
}

/** What a shell or a host has set wins over the file, and would make the answers useless. */
function warnOfEnvironment(talk: Talk, values: Values, environment: Environment): void {
  const others = Object.entries(values).flatMap(([name, value]) =>
    environment[name] !== undefined && environment[name] !== value ? [name] : [],
  );
  if (others.length > 0) talk.warn(t('setup.environmentWins', { names: allOf(others), count: others.length }));
}
