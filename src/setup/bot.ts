import type { Config } from '../config.ts';
import { impatientRest, type KnownBot, knownBot } from '../discord/knownBot.ts';
import { unreachable } from '../doctor/reach.ts';
import { t } from '../text/text.ts';
import { Cancelled, type Talk } from './talk.ts';
import { botTokenProblem } from './tokenProblem.ts';

/** A bot and the token that it signs in with. */
export interface SignedBot extends KnownBot {
  token: string;
}

/** Step 1: the bot at Discord. Asks until there is a token that Discord knows; `given`: the one that is set already. */
export async function askForBot(talk: Talk, config: Config, given: string | undefined): Promise<SignedBot> {
  talk.explain(t('setup.bot'), t('setup.botHow'));
  const known = given === undefined ? undefined : await signedBot(talk, config, given);
  if (known && (await talk.yes(t('setup.keepBot', { name: known.name })))) return known;
  for (;;) {
    const token = await talk.secret(t('setup.botToken'), botTokenProblem);
    const bot = await signedBot(talk, config, token);
    if (bot) return bot;
  }
}

/** Whose token it is, as Discord says; undefined when it is nobody's. */
async function signedBot(talk: Talk, { DISCORD_API_URL: api }: Config, token: string): Promise<SignedBot | undefined> {
  const problem = botTokenProblem(token);
  if (problem) {
    talk.bad(problem);
    return undefined;
  }
  const bot = await untilAnswered(talk, api, () => knownBot(impatientRest(api, token)));
  if (!bot) {
    talk.bad(t('setup.botRefused'));
    return undefined;
  }
  talk.good(t('setup.botKnown', { name: bot.name }));
  return { ...bot, token };
}

/** Asks Discord, and asks again as often as the person wants while there is no answer. */
export async function untilAnswered<Result>(talk: Talk, api: string, ask: () => Promise<Result>): Promise<Result> {
  talk.say(t('setup.askingDiscord'));
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const away = unreachable(error, api);
      talk.bad(away ? t('setup.away', { sentence: away }) : t('setup.oddAnswer', { address: new URL(api).origin }));
    }
    if (!(await talk.yes(t('setup.tryAgain')))) throw new Cancelled();
  }
}
