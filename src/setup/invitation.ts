import type { Config } from '../config.ts';
import { inviteLink } from '../discord/invite.ts';
import { impatientRest, serversOf } from '../discord/knownBot.ts';
import { allOf, t } from '../text/text.ts';
import { type SignedBot, untilAnswered } from './bot.ts';
import type { Talk } from './talk.ts';

/** The most servers that are named. */
const maxNamed = 5;

/** Step 2: the bot is invited to a server. Nobody has to: it can be done later, by the same link. */
export async function invite(talk: Talk, { DISCORD_API_URL: api }: Config, bot: SignedBot): Promise<void> {
  const rest = impatientRest(api, bot.token);
  const namesOf = async () => (await untilAnswered(talk, api, () => serversOf(rest))).map(({ name }) => name);
  talk.explain(t('setup.invitation'), t('setup.invitationHow'));
  talk.link(inviteLink(bot.application));
  for (let names = await namesOf(); ; names = await namesOf()) {
    if (names.length > 0) {
      const others = names.length - maxNamed;
      const more = others > 0 ? [t('setup.moreServers', { count: others })] : [];
      return talk.good(t('setup.invited', { servers: allOf([...names.slice(0, maxNamed), ...more]) }));
    }
    const next = await talk.choose(t('setup.inNoServer'), [
      { value: 'look', label: t('setup.lookAgain') },
      { value: 'later', label: t('setup.inviteLater') },
    ]);
    if (next === 'later') return;
  }
}
