import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIComponentInMessageActionRow,
  type APIEmbed,
  ButtonStyle,
  ChannelType,
  ComponentType,
  SelectMenuDefaultValueType,
} from 'discord.js';
import { writeControlId } from '../../discord/customId.ts';
import { ownChannels } from '../../discord/ownChannels.ts';
import { type RecipeName, recipeNames, recipes } from '../../flows/recipes/index.ts';
import type { Settings } from '../../guilds/settings.ts';
import type { Model } from '../../kubeez/model.ts';
import { brief, linesWithin } from '../../text/cut.ts';
import { type Locale, locales, ownName } from '../../text/languages.ts';
import { limits } from '../../text/limits.ts';
import { t } from '../../text/text.ts';
import { timestamp } from '../../text/timestamp.ts';
import { optionsLine, optionsOf } from './defaultOptions.ts';

/** Cards of `/settings`. Pure. */

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;
interface Card {
  content: string;
  embeds: APIEmbed[];
  components: Row[];
}

const idOf = (...key: string[]) => writeControlId('settings', ...key);

/** What can be chosen on a card of its own. */
const lists = ['channels', 'roles', 'pressers', 'viewers', 'accounts', 'logs', 'language'] as const;
export const sections = [...lists, ...recipeNames] as const;
export type Section = (typeof sections)[number];

/** What a card of settings is made from. */
export interface Shown {
  settings: Settings;
  models: readonly Model[];
  /** The language that the server has in Discord, or what comes nearest to it. */
  inDiscord: Locale;
}

/** What holds now, and the way to everything by which it is changed. */
export function mainCard(shown: Shown): Card {
  return {
    content: '',
    embeds: [{ title: t('settings.title'), description: linesWithin(linesOf(shown), limits.embedDescription) }],
    components: [
      sectionMenu(),
      buttons(
        button(idOf('numbers'), t('button.numbers')),
        button(idOf('undo'), t('button.undo'), shown.settings.lastChange === null),
      ),
    ],
  };
}

/** One section, with its menu: once something is picked, Discord no longer shows what a menu is for. */
export function sectionCard(section: Section, { settings, models, inDiscord }: Shown): Card {
  const back = button(idOf('back'), t('button.back'));
  switch (section) {
    case 'channels':
      return cardOf([channelsLine(settings), t('settings.aboutChannels')], channelMenu(settings), buttons(back));
    case 'roles':
      return cardOf(
        [rolesLine(settings), t('settings.aboutRoles')],
        roleMenu(idOf('roles'), t('placeholder.roles'), settings.rules.roles),
        buttons(back),
      );
    case 'pressers':
      return cardOf(
        [pressersLine(settings), t('settings.aboutPressers')],
        roleMenu(idOf('pressers'), t('placeholder.pressers'), settings.rules.pressers),
        buttons(back),
      );
    case 'viewers':
      return cardOf(
        [viewersLine(settings), t('settings.aboutViewers')],
        roleMenu(idOf('viewers'), t('placeholder.roles'), settings.rules.viewers),
        buttons(back),
      );
    case 'accounts':
      return cardOf([accountsLine(settings), t('settings.aboutAccounts')], accountsMenu(settings), buttons(back));
    case 'logs':
      return cardOf([logLine(settings), t('settings.aboutLogs')], logMenu(settings), buttons(back));
    case 'language':
      return cardOf(
        [languageLine(settings, inDiscord), t('settings.aboutLanguage')],
        languageMenu(settings),
        buttons(back),
      );
    default:
      return kindCard(section, settings, models, back);
  }
}

function kindCard(name: RecipeName, settings: Settings, models: readonly Model[], back: APIButtonComponent): Card {
  const isChosen = hasDefault(name);
  return cardOf(
    [
      kindLine(name, settings),
      ...(isChosen ? [modelLine(name, settings, models), aspectLine(name, settings), optionLine(name, settings)] : []),
    ],
    roleMenu(idOf('kind', name), t('placeholder.kindRoles'), settings.rules.kinds[name] ?? []),
    buttons(
      ...(isChosen ? [button(idOf('model', name), t('button.defaultModel'))] : []),
      ...(optionsOf(name, models).length > 0 ? [button(idOf('options', name), t('button.defaultOptions'))] : []),
      back,
    ),
  );
}

const cardOf = (lines: string[], ...components: Row[]): Card => ({
  content: '',
  embeds: [{ title: t('settings.title'), description: lines.join('\n') }],
  components,
});

/** Where the settings cannot be read: the way to have some again. */
export const unreadableCard = (): Card => ({
  content: t('settings.unreadable'),
  embeds: [],
  components: [buttons(button(idOf('anew'), t('button.startAnew')))],
});

/** Kinds for which people choose a model; the others have one by themselves. */
export const hasDefault = (name: RecipeName): boolean => recipes[name].generationType !== '';

function linesOf({ settings, models, inDiscord }: Shown): string[] {
  const { rules, timeZone, lastChange } = settings;
  const { kinds, maxFlows, cooldown, mentions, retention } = rules;
  const limited = recipeNames.filter((name) => (kinds[name] ?? []).length > 0);
  const chosen = recipeNames.filter((name) => rules.models[name] !== undefined);
  const shaped = recipeNames.filter((name) => rules.aspects[name] !== undefined);
  const opted = recipeNames.filter((name) => optionsLine(rules.options[name]) !== undefined);
  const styled = Object.keys(settings.styles);
  return [
    t('settings.explained'),
    '',
    channelsLine(settings),
    rolesLine(settings),
    ...limited.map((name) => kindLine(name, settings)),
    pressersLine(settings),
    viewersLine(settings),
    ...chosen.map((name) => modelLine(name, settings, models)),
    ...shaped.map((name) => aspectLine(name, settings)),
    ...opted.map((name) => optionLine(name, settings)),
    ...(styled.length > 0
      ? [t('settings.styles', { names: namesOf(styled.map(channelName), t('settings.none')) })]
      : []),
    maxFlows === null ? t('settings.noMaxFlows') : t('settings.maxFlows', { max: maxFlows }),
    cooldown === 0 ? t('settings.noCooldown') : t('settings.cooldown', { seconds: cooldown }),
    languageLine(settings, inDiscord),
    t('settings.timeZone', { name: brief(timeZone) }),
    accountsLine(settings),
    logLine(settings),
    t('settings.mentions', { isOn: mentions ? 'yes' : 'no' }),
    retention === null ? t('settings.noRetention') : t('settings.retention', { count: retention }),
    ...(lastChange
      ? ['', `-# ${t('settings.lastChange', { person: `<@${lastChange.by}>`, when: timestamp(lastChange.at, 'R') })}`]
      : []),
  ];
}

const channelsLine = ({ rules }: Settings) =>
  t('settings.channels', { names: namesOf(rules.channels.map(channelName), t('settings.everywhere')) });
const rolesLine = ({ rules }: Settings) =>
  t('settings.roles', { names: namesOf(rules.roles.map(roleName), t('settings.everybody')) });
const pressersLine = ({ rules }: Settings) =>
  t('settings.pressers', { names: namesOf(rules.pressers.map(roleName), t('settings.nobody')) });
const viewersLine = ({ rules }: Settings) =>
  t('settings.viewers', { names: namesOf(rules.viewers.map(roleName), t('settings.everybody')) });
const accountsLine = ({ rules }: Settings) => t('settings.accounts', { isOn: rules.ownAccounts ? 'yes' : 'other' });
const logLine = ({ rules }: Settings) =>
  t('settings.logs', { channel: rules.logChannel === null ? t('settings.nowhere') : channelName(rules.logChannel) });
const languageLine = ({ rules: { language } }: Settings, inDiscord: Locale) =>
  t('settings.language', {
    language: ownName(language ?? inDiscord),
    from: language === null ? 'discord' : 'settings',
  });
const kindLine = (name: RecipeName, { rules }: Settings) =>
  t('settings.kind', {
    command: name,
    names: namesOf((rules.kinds[name] ?? []).map(roleName), t('settings.whoeverCan')),
  });

function modelLine(name: RecipeName, { rules }: Settings, models: readonly Model[]): string {
  const id = rules.models[name];
  const model = id === undefined ? t('settings.none') : brief(models.find((one) => one.id === id)?.name ?? id);
  return t('settings.model', { command: name, model });
}

const aspectLine = (name: RecipeName, { rules }: Settings) =>
  t('settings.aspect', { command: name, aspect: brief(rules.aspects[name] ?? t('style.usual')) });

const optionLine = (name: RecipeName, { rules }: Settings) =>
  t('settings.options', { command: name, options: optionsLine(rules.options[name]) ?? t('settings.none') });

const roleName = (id: string) => `<@&${id}>`;
const channelName = (id: string) => `<#${id}>`;

/** Names in a line; of many, the first ones. */
const maxNames = 8;

function namesOf(names: string[], none: string): string {
  if (names.length === 0) return none;
  const more = names.length - maxNames;
  return [...names.slice(0, maxNames), ...(more > 0 ? [t('settings.more', { count: more })] : [])].join(', ');
}

const row = (component: APIComponentInMessageActionRow): Row => ({
  type: ComponentType.ActionRow,
  components: [component],
});

const channelMenu = ({ rules }: Settings): Row =>
  row({
    type: ComponentType.ChannelSelect,
    custom_id: idOf('channels'),
    placeholder: t('placeholder.channels'),
    // Threads belong to their channel.
    channel_types: [...ownChannels],
    min_values: 0,
    max_values: limits.choices,
    default_values: rules.channels.map((id) => ({ id, type: SelectMenuDefaultValueType.Channel })),
  });

const logMenu = ({ rules: { logChannel } }: Settings): Row =>
  row({
    type: ComponentType.ChannelSelect,
    custom_id: idOf('logs'),
    placeholder: t('placeholder.logs'),
    channel_types: [ChannelType.GuildText, ChannelType.GuildAnnouncement],
    min_values: 0,
    max_values: 1,
    default_values: logChannel === null ? [] : [{ id: logChannel, type: SelectMenuDefaultValueType.Channel }],
  });

const accountsMenu = ({ rules: { ownAccounts } }: Settings): Row =>
  row({
    type: ComponentType.StringSelect,
    custom_id: idOf('accounts'),
    placeholder: t('placeholder.accounts'),
    options: (['yes', 'no'] as const).map((value) => ({
      label: t(`choice.${value}`),
      value,
      default: ownAccounts === (value === 'yes'),
    })),
  });

/** The choice of no language of the server’s own. */
export const ofDiscord = 'discord';

const languageMenu = ({ rules: { language } }: Settings): Row =>
  row({
    type: ComponentType.StringSelect,
    custom_id: idOf('language'),
    placeholder: t('placeholder.language'),
    options: [
      ...locales.map((locale) => ({ label: ownName(locale), value: locale, default: locale === language })),
      { label: t('choice.serverDiscord'), value: ofDiscord, default: language === null },
    ],
  });

const roleMenu = (id: string, placeholder: string, ids: string[]): Row =>
  row({
    type: ComponentType.RoleSelect,
    custom_id: id,
    placeholder,
    min_values: 0,
    max_values: limits.choices,
    default_values: ids.map((role) => ({ id: role, type: SelectMenuDefaultValueType.Role })),
  });

const sectionMenu = (): Row =>
  row({
    type: ComponentType.StringSelect,
    custom_id: idOf('sections'),
    placeholder: t('placeholder.section'),
    options: [
      ...lists.map((value) => ({ label: t(`choice.section.${value}`), value })),
      ...recipeNames.map((value) => ({
        label: t('choice.section.kind', { command: value }),
        value,
        description: t(`command.${value}`),
      })),
    ],
  });

const button = (id: string, label: string, disabled = false): APIButtonComponent => ({
  type: ComponentType.Button,
  style: ButtonStyle.Secondary,
  custom_id: id,
  label,
  disabled,
});

const buttons = (...components: APIButtonComponent[]): Row => ({ type: ComponentType.ActionRow, components });
