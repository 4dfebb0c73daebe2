import {
  type AnySelectMenuInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  MessageFlags,
  type ModalSubmitInteraction,
} from 'discord.js';
import { z } from 'zod';
import { whisper } from '../../discord/whisper.ts';
import { recipeNames } from '../../flows/recipes/index.ts';
import { maxStyles, newStyle, type StoredStyle } from '../../guilds/style.ts';
import type { ControlParts } from '../../requests/command.ts';
import { t } from '../../text/text.ts';
import { hasDefault } from '../settings/card.ts';
import { asManager } from '../settings/controls.ts';
import { readOptions } from '../settings/defaultOptions.ts';
import { modelForm, readModel, withOne } from '../settings/forms.ts';
import { styleCard } from './card.ts';
import { readStyle, styleForm, usualName } from './forms.ts';
import { removePicture } from './pictures.ts';

/** What the parts of the card of `/style` do, for the channel where they are used: no id names another. */

type OnCard = ButtonInteraction | AnySelectMenuInteraction | ModalSubmitInteraction;

const kindSchema = z.enum(recipeNames).refine(hasDefault);

/** The channel whose style is meant; of a thread, the channel it belongs to. */
export const channelOf = (
  { channelId }: OnCard | ChatInputCommandInteraction,
  { place }: Pick<ControlParts, 'place'>,
): string => place.parent ?? channelId ?? '';

/** Takes a press on its button. */
export const press = (interaction: ButtonInteraction, [what]: string[], parts: ControlParts): Promise<void> =>
  asManager(interaction, async (guild) => {
    if (what !== 'edit') return whisper(interaction, t('style.tooOld'));
    const { styles } = await parts.guildSettings.of(guild);
    return interaction.showModal(styleForm(styles[channelOf(interaction, parts)]));
  });

/** Takes the kind that was picked for a default model, or the picture that is to go. */
export const select = (interaction: AnySelectMenuInteraction, [what]: string[], parts: ControlParts): Promise<void> =>
  asManager(interaction, async (guild) => {
    if (what === 'pictures') return takeAwayPicture(interaction, guild, parts);
    const kind = kindSchema.safeParse(interaction.values[0]).data;
    if (what !== 'models' || !kind) return whisper(interaction, t('style.tooOld'));
    const { styles } = await parts.guildSettings.of(guild);
    const style = styles[channelOf(interaction, parts)];
    const now = { model: style?.models[kind], options: style?.options[kind] ?? {} };
    return interaction.showModal(modelForm('style', kind, now, parts.catalogue.all()));
  });

/** Takes one of its forms. */
export const submit = (interaction: ModalSubmitInteraction, [what, of]: string[], parts: ControlParts): Promise<void> =>
  asManager(interaction, async (guild) => {
    const { guildSettings, catalogue } = parts;
    const models = catalogue.all();
    const kind = kindSchema.safeParse(of).data;
    if (what === 'edit') {
      const read = readStyle(interaction, parts.spokenTo, await guildSettings.of(guild), models);
      if (!read.ok) return whisper(interaction, read.sentence);
      return change(interaction, guild, (before) => ({ ...before, ...read.value }), parts);
    }
    if (what !== 'model' || !kind) return whisper(interaction, t('style.tooOld'));
    const model = readModel(interaction, kind, models);
    if (!model.ok) return whisper(interaction, model.sentence);
    const { styles } = await guildSettings.of(guild);
    const options = readOptions(interaction, kind, styles[channelOf(interaction, parts)]?.options[kind] ?? {}, models);
    if (!options.ok) return whisper(interaction, options.sentence);
    const changed = (before: StoredStyle) => ({
      ...before,
      models: withOne(before.models, kind, model.value),
      options: withOne(before.options, kind, options.value),
    });
    return change(interaction, guild, changed, parts);
  });

/** Changes the style and shows the card as it is now. */
async function change(
  interaction: ModalSubmitInteraction,
  guild: string,
  changed: (before: StoredStyle) => StoredStyle,
  parts: ControlParts,
): Promise<unknown> {
  const { guildSettings } = parts;
  const channel = channelOf(interaction, parts);
  const { styles } = await guildSettings.of(guild);
  if (!styles[channel] && Object.keys(styles).length >= maxStyles)
    return whisper(interaction, t('style.tooMany', { max: maxStyles }));
  if (interaction.isFromMessage()) await interaction.deferUpdate();
  else await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const fresh = newStyle(usualName(parts.spokenTo));
  await guildSettings.changeStyle(guild, channel, (before) => changed(before ?? fresh));
  return tellChange(interaction, guild, parts);
}

/** Takes a reference picture away, and deletes its message; the card as it is now is the answer. */
async function takeAwayPicture(
  interaction: AnySelectMenuInteraction,
  guild: string,
  parts: ControlParts,
): Promise<unknown> {
  const channel = channelOf(interaction, parts);
  const [picked] = interaction.values;
  const { styles } = await parts.guildSettings.of(guild);
  const picture = styles[channel]?.pictures.find(({ message }) => message === picked);
  if (!picture) return whisper(interaction, t('style.tooOld'));
  await interaction.deferUpdate();
  await removePicture(guild, channel, picture, parts);
  return tellChange(interaction, guild, parts);
}

async function tellChange(
  interaction: ModalSubmitInteraction | AnySelectMenuInteraction,
  guild: string,
  parts: ControlParts,
): Promise<unknown> {
  const { guildSettings, catalogue, logChannel, log } = parts;
  const channel = channelOf(interaction, parts);
  log.info({ guild, channel, by: interaction.user.id }, 'style changed');
  logChannel.tell(guild, { what: 'styleChanged', by: interaction.user.id });
  return interaction.editReply(styleCard(guild, channel, await guildSettings.of(guild), catalogue.all()));
}
