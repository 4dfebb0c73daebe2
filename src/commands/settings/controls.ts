import {
  type AnySelectMenuInteraction,
  type ButtonInteraction,
  type Interaction,
  MessageFlags,
  type ModalSubmitInteraction,
} from 'discord.js';
import { z } from 'zod';
import { whisper } from '../../discord/whisper.ts';
import { type RecipeName, recipeNames } from '../../flows/recipes/index.ts';
import type { Rules } from '../../guilds/settings.ts';
import type { CommandParts, ControlParts } from '../../requests/command.ts';
import { written } from '../../requests/forms.ts';
import { mayManage } from '../../requests/managers.ts';
import { BrokenRecord } from '../../state/store.ts';
import { locales, nearest } from '../../text/languages.ts';
import { limits } from '../../text/limits.ts';
import { t } from '../../text/text.ts';
import {
  hasDefault,
  mainCard,
  ofDiscord,
  type Section,
  type Shown,
  sectionCard,
  sections,
  unreadableCard,
} from './card.ts';
import { optionsOf, readOptions } from './defaultOptions.ts';
import { modelForm, numbersForm, optionsForm, readAspect, readModel, readNumbers, withOne } from './forms.ts';

/** What the parts of the card of `/settings` do. Who may manage the server is asked at each of them. */

type OnCard = ButtonInteraction | AnySelectMenuInteraction | ModalSubmitInteraction;

/** Ids of roles or channels, as a menu gives them. */
const idsSchema = z.array(z.string().regex(/^\d{1,20}$/)).max(limits.choices);
const kindSchema = z.enum(recipeNames);
const answerSchema = z.enum(['yes', 'no']);
const sectionSchema = z.enum(sections);
const languageSchema = z.enum([...locales, ofDiscord]);

/** Takes a press on one of its buttons. */
export const press = (interaction: ButtonInteraction, [what, of]: string[], parts: ControlParts): Promise<void> =>
  asManager(interaction, async (guild) => {
    const { guildSettings, catalogue } = parts;
    const kind = kindSchema.safeParse(of);
    if (what === 'numbers') return interaction.showModal(numbersForm(await guildSettings.of(guild)));
    if (what === 'model' && kind.success && hasDefault(kind.data)) {
      const { models, aspects } = (await guildSettings.of(guild)).rules;
      const now = { model: models[kind.data], aspect: aspects[kind.data] ?? '' };
      return interaction.showModal(modelForm('settings', kind.data, now, catalogue.all()));
    }
    if (what === 'options' && kind.success && optionsOf(kind.data, catalogue.all()).length > 0) {
      const { options } = (await guildSettings.of(guild)).rules;
      return interaction.showModal(optionsForm(kind.data, options[kind.data] ?? {}, catalogue.all()));
    }
    if (what === 'back') return redraw(interaction, guild, parts);
    if (what === 'undo') return redraw(interaction, guild, parts, () => undo(guild, interaction, parts));
    if (what === 'anew') return redraw(interaction, guild, parts, () => startAnew(guild, interaction, parts));
    return whisper(interaction, t('settings.tooOld'));
  });

/** Takes what was picked in one of its menus. */
export const select = (
  interaction: AnySelectMenuInteraction,
  [what, of]: string[],
  parts: ControlParts,
): Promise<void> =>
  asManager(interaction, async (guild) => {
    const change = (changes: Partial<Rules>) => () => changeRules(guild, interaction, changes, parts);
    const ids = idsSchema.safeParse(interaction.values).data;
    const kind = kindSchema.safeParse(of).data;
    const answer = answerSchema.safeParse(interaction.values[0]);
    const chosen = sectionSchema.safeParse(interaction.values[0]).data;
    if (what === 'sections' && chosen) return redraw(interaction, guild, parts, undefined, chosen);
    if (what === 'channels' && ids && interaction.isChannelSelectMenu())
      return redraw(interaction, guild, parts, change({ channels: ids }), 'channels');
    if (what === 'accounts' && interaction.isStringSelectMenu() && answer.success)
      return redraw(interaction, guild, parts, change({ ownAccounts: answer.data === 'yes' }), 'accounts');
    const language = languageSchema.safeParse(interaction.values[0]).data;
    if (what === 'language' && language && interaction.isStringSelectMenu())
      return redraw(
        interaction,
        guild,
        parts,
        change({ language: language === ofDiscord ? null : language }),
        'language',
      );
    if (what === 'logs' && ids && interaction.isChannelSelectMenu())
      return chooseLog(interaction, guild, ids[0], parts);
    if (!ids || !interaction.isRoleSelectMenu()) return whisper(interaction, t('settings.tooOld'));
    if (what === 'roles') return redraw(interaction, guild, parts, change({ roles: ids }), 'roles');
    if (what === 'pressers') return redraw(interaction, guild, parts, change({ pressers: ids }), 'pressers');
    if (what === 'viewers') return redraw(interaction, guild, parts, change({ viewers: ids }), 'viewers');
    if (what !== 'kind' || !kind) return whisper(interaction, t('settings.tooOld'));
    const { kinds } = (await parts.guildSettings.of(guild)).rules;
    return redraw(interaction, guild, parts, change({ kinds: { ...kinds, [kind]: ids } }), kind);
  });

/** Takes one of its forms. */
export const submit = (interaction: ModalSubmitInteraction, [what, of]: string[], parts: ControlParts): Promise<void> =>
  asManager(interaction, async (guild) => {
    const kind = kindSchema.safeParse(of).data;
    if (what === 'numbers') {
      const numbers = readNumbers(interaction);
      if (!numbers.ok) return whisper(interaction, numbers.sentence);
      return redraw(interaction, guild, parts, () => changeRules(guild, interaction, numbers.value, parts));
    }
    if (!kind || !hasDefault(kind)) return whisper(interaction, t('settings.tooOld'));
    if (what === 'options') return chooseOptions(interaction, guild, kind, parts);
    if (what !== 'model') return whisper(interaction, t('settings.tooOld'));
    const model = readModel(interaction, kind, parts.catalogue.all());
    if (!model.ok) return whisper(interaction, model.sentence);
    const aspect = readAspect(written(interaction, 'aspect'), parts.catalogue.all(), kind);
    if (!aspect.ok) return whisper(interaction, aspect.sentence);
    const { rules } = await parts.guildSettings.of(guild);
    const changes = {
      models: withOne(rules.models, kind, model.value),
      aspects: withOne(rules.aspects, kind, aspect.value),
    };
    return redraw(interaction, guild, parts, () => changeRules(guild, interaction, changes, parts), kind);
  });

async function chooseOptions(
  interaction: ModalSubmitInteraction,
  guild: string,
  kind: RecipeName,
  parts: ControlParts,
): Promise<unknown> {
  const { options } = (await parts.guildSettings.of(guild)).rules;
  const read = readOptions(interaction, kind, options[kind] ?? {}, parts.catalogue.all());
  if (!read.ok) return whisper(interaction, read.sentence);
  const changes = { options: withOne(options, kind, read.value) };
  return redraw(interaction, guild, parts, () => changeRules(guild, interaction, changes, parts), kind);
}

/** Lets only those through who may manage the server where they are: an id can be forged, and a role be lost. */
export async function asManager(interaction: OnCard, work: (guild: string) => Promise<unknown>): Promise<void> {
  const { guildId } = interaction;
  if (guildId === null || !mayManage(interaction)) {
    await whisper(interaction, t('connect.managersOnly'));
    return;
  }
  try {
    await work(guildId);
  } catch (error) {
    if (!(error instanceof BrokenRecord)) throw error;
    if (interaction.deferred) await interaction.editReply(unreadableCard());
    else await interaction.reply({ ...unreadableCard(), flags: MessageFlags.Ephemeral });
  }
}

/** Shows the card again, or one of its sections, after something was done. */
async function redraw(
  interaction: OnCard,
  guild: string,
  parts: CommandParts,
  work?: () => Promise<void>,
  section?: Section,
): Promise<void> {
  if (interaction.isModalSubmit() && !interaction.isFromMessage())
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  else if (!interaction.deferred) await interaction.deferUpdate();
  await work?.();
  const shown = await shownOf(guild, interaction, parts);
  await interaction.editReply(section ? sectionCard(section, shown) : mainCard(shown));
}

/** What the card is made from now. */
export const shownOf = async (
  guild: string,
  { guildLocale }: Pick<Interaction, 'guildLocale'>,
  { guildSettings, catalogue }: CommandParts,
): Promise<Shown> => ({
  settings: await guildSettings.of(guild),
  models: catalogue.all(),
  inDiscord: nearest(guildLocale) ?? 'en',
});

/** Takes the channel for the log, once a line could be written there; it must be one that the manager sees. */
async function chooseLog(
  interaction: AnySelectMenuInteraction,
  guild: string,
  channel: string | undefined,
  parts: ControlParts,
): Promise<void> {
  const { access, logChannel, place } = parts;
  const { user } = interaction;
  const rules = { logChannel: channel ?? null };
  if (channel === undefined)
    return redraw(interaction, guild, parts, () => changeRules(guild, interaction, rules, parts), 'logs');
  await interaction.deferUpdate();
  const isSeen = await access.mayView({ user: user.id, guild, roles: place.roles }, channel);
  if (!isSeen || !(await logChannel.tryOut(guild, channel, user.id))) {
    await redraw(interaction, guild, parts, undefined, 'logs');
    return void (await whisper(interaction, t('settings.cannotLog', { channel: `<#${channel}>` })));
  }
  await redraw(interaction, guild, parts, () => changeRules(guild, interaction, rules, parts), 'logs');
}

async function changeRules(
  guild: string,
  { user }: OnCard,
  changes: Partial<Rules & { timeZone: string }>,
  { guildSettings, logChannel, clock, log }: ControlParts,
): Promise<void> {
  await guildSettings.changeRules(guild, { by: user.id, at: clock.now() }, changes);
  log.info({ guild, by: user.id, changed: Object.keys(changes) }, 'settings changed');
  logChannel.tell(guild, { what: 'settingsChanged', by: user.id });
}

async function undo(
  guild: string,
  { user }: OnCard,
  { guildSettings, logChannel, clock, log }: ControlParts,
): Promise<void> {
  await guildSettings.undo(guild, { by: user.id, at: clock.now() });
  log.info({ guild, by: user.id }, 'settings: the last change was taken back');
  logChannel.tell(guild, { what: 'undone', by: user.id });
}

/** Only where there is nothing that can be read: else the button is an old one. */
async function startAnew(guild: string, { user }: OnCard, { guildSettings, log }: ControlParts): Promise<void> {
  try {
    await guildSettings.of(guild);
  } catch (error) {
    if (!(error instanceof BrokenRecord)) throw error;
    await guildSettings.startAnew(guild);
    log.warn({ guild, by: user.id }, 'settings could not be read, and begin anew');
  }
}
