import { type APIButtonComponentWithCustomId, type ButtonInteraction, ButtonStyle, ComponentType } from 'discord.js';
import { writeControlId } from '../../discord/customId.ts';
import { whisper } from '../../discord/whisper.ts';
import { recipes } from '../../flows/recipes/index.ts';
import { beginTyped } from '../../requests/begin.ts';
import type { Parts } from '../../requests/command.ts';
import { newDraft } from '../../requests/draft.ts';
import { checkGenerating } from '../../requests/generating.ts';
import { modelsFor, takeModel } from '../../requests/takenModel.ts';
import { t } from '../../text/text.ts';
import { startConnecting } from '../server/connect.ts';
import { openSettings } from '../settings/settings.ts';

/** What the bot says of itself in a server that has just invited it. `canConnect`: whether servers may connect accounts. */
export const welcomeCard = (canConnect: boolean) => ({
  embeds: [
    {
      title: t('welcome.title'),
      description: [t('help.what'), t('welcome.begin'), ...(canConnect ? [t('welcome.account')] : [])].join('\n'),
    },
  ],
  components: [
    {
      type: ComponentType.ActionRow as const,
      components: [
        button('try', ButtonStyle.Primary),
        button('settings'),
        ...(canConnect ? [button('connect')] : []),
        button('open'),
      ],
    },
  ],
});

const button = (
  key: 'try' | 'settings' | 'connect' | 'open',
  style: APIButtonComponentWithCustomId['style'] = ButtonStyle.Secondary,
): APIButtonComponentWithCustomId => ({
  type: ComponentType.Button,
  style,
  label: t(`welcome.button.${key}`),
  custom_id: writeControlId('help', key),
});

/** Answers to its buttons; `open` leads to the help itself. */
export async function pressWelcome(key: string, interaction: ButtonInteraction, parts: Parts): Promise<void> {
  if (key === 'try') return tryIt(interaction, parts);
  if (key === 'settings') return openSettings(interaction, parts);
  if (key === 'connect') return startConnecting(interaction, false, parts);
  await whisper(interaction, t('router.unknown'));
}

/** A picture by the cheapest model there is; like any other it is priced, and confirmed before it costs anything. */
async function tryIt(interaction: ButtonInteraction, parts: Parts): Promise<void> {
  const cheapest = takeModel(recipes.image, modelsFor(recipes.image, parts.catalogue.all(), new Map()), new Map());
  const values = { prompt: t('welcome.prompt'), ...(cheapest ? { model: cheapest.id } : {}) };
  await beginTyped(interaction, newDraft(interaction.user.id, 'image', { values }), checkGenerating, parts);
}
