import { isDeepStrictEqual } from 'node:util';
import { ApplicationCommandOptionType, MessageFlags } from 'discord.js';
import { ownAccount } from '../../accountNames.ts';
import { type Command, commandBase } from '../../requests/command.ts';
import type { Preference } from '../../state/preferences.ts';
import { isLocale, locales, ownName } from '../../text/languages.ts';
import { speaking, t } from '../../text/text.ts';

/** The choice of no language of one’s own. */
const ofDiscord = 'discord';

export const preferences: Command = {
  name: 'preferences',
  define: () => ({
    ...commandBase,
    description: t('command.preferences'),
    options: [
      {
        type: ApplicationCommandOptionType.Boolean,
        name: 'mentions',
        description: t('option.preferences.mentions'),
      },
      {
        type: ApplicationCommandOptionType.String,
        name: 'account',
        description: t('option.preferences.account'),
        choices: [
          { name: t('choice.ownAccount'), value: 'own' },
          { name: t('choice.serverAccount'), value: 'server' },
        ] satisfies { name: string; value: Preference['account'] }[],
      },
      {
        type: ApplicationCommandOptionType.String,
        name: 'language',
        description: t('option.preferences.language'),
        choices: [
          ...locales.map((locale) => ({ name: ownName(locale), value: locale })),
          { name: t('choice.ownDiscord'), value: ofDiscord },
        ],
      },
    ],
  }),

  async execute(interaction, parts) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const { user, options } = interaction;
    const before = await parts.preferences.of(user.id);
    const chosen = options.getString('account');
    const language = options.getString('language');
    const after: Preference = {
      mentions: options.getBoolean('mentions') ?? before.mentions,
      account: chosen === 'own' || chosen === 'server' ? chosen : before.account,
      language: language === null ? before.language : isLocale(language) ? language : null,
    };
    if (!isDeepStrictEqual(after, before)) await parts.preferences.set(user.id, after);
    const { guildId } = interaction;
    // Settings that cannot be read allow nothing anyway, and are told where something begins.
    const settings = guildId === null ? undefined : await parts.guildSettings.of(guildId).catch(() => undefined);
    const isForbidden = settings?.rules.ownAccounts === false;
    const isConnected = (await parts.accounts.connected(ownAccount(user.id))) !== undefined;
    const spoken = await parts.languages.ofPerson(user.id, interaction.locale, guildId);
    const say = () => {
      const lines = [
        t(after.mentions ? 'preferences.mentionsOn' : 'preferences.mentionsOff'),
        ...(isConnected ? [t(after.account === 'own' ? 'preferences.accountOwn' : 'preferences.accountServer')] : []),
        ...(!isConnected && chosen !== null ? [t('preferences.accountNone')] : []),
        ...(isForbidden && after.account === 'own' && (isConnected || chosen !== null)
          ? [t('preferences.accountForbidden')]
          : []),
        t(after.language === null ? 'preferences.languageOfDiscord' : 'preferences.languageChosen', {
          language: ownName(spoken),
        }),
      ];
      return lines.join('\n');
    };
    // A language that was just chosen holds at once.
    await interaction.editReply(speaking(spoken, say));
  },
};
