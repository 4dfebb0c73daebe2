import { register } from '../commands/register.ts';
import type { Config } from '../config.ts';
import { impatientRest } from '../discord/knownBot.ts';
import { checkAccount, openAccount } from '../doctor/account.ts';
import type { Capability } from '../kubeez/tools.ts';
import { createLogger } from '../log.ts';
import { openStore } from '../state/store.ts';
import { t } from '../text/text.ts';
import type { SignedBot } from './bot.ts';
import type { Talk } from './talk.ts';

/** Tells Discord the commands, so that they are there before the bot is. If it fails, the bot does it when it starts. */
export async function registerNow(talk: Talk, config: Config, bot: SignedBot): Promise<void> {
  talk.say(t('setup.registering'));
  try {
    const log = createLogger('silent');
    const store = await openStore(config.STATE_URL, log);
    try {
      const rest = impatientRest(config.DISCORD_API_URL, bot.token);
      const offers = await offersOf(config);
      await register({ rest, application: bot.application, guild: config.DISCORD_GUILD_ID, offers, store, log });
    } finally {
      await store.close();
    }
    talk.good(t('setup.registered'));
  } catch {
    talk.warn(t('setup.notRegistered'));
  }
}

/** What the Kubeez server offers, as far as it says so to this account. */
async function offersOf({ KUBEEZ_MCP_URL: url, KUBEEZ_TOKEN: token }: Config) {
  if (token === undefined) return () => undefined;
  const kubeez = openAccount(url, token);
  await checkAccount(kubeez).finally(() => kubeez.close());
  return (capability: Capability) => kubeez.offers(capability);
}
