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
import { type RecipeName, recipeNames, recipes } from '../../flows/recipes/index.ts';
import type { Settings } from '../../guilds/settings.ts';
import type { Model } from '../../kubeez/model.ts';
import { brief, linesWithin } from '../../text/cut.ts';
import { limits } from '../../text/limits.ts';
import { t } from '../../text/text.ts';
import { timestamp } from '../../text/timestamp.ts';

/** Cards of `/settings`. Pure. */

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;
interface Card {
  content: string;
  embeds: APIEmbed[];
  components: Row[];
}

const idOf = (...key: string[]) => writeControlId('settings', ...key);

/** What holds now, and everything by which it is changed. */
export function mainCard(settings: Settings, models: Model[]): Card {
  const { channels, roles, pressers } = settings.rules;
  return {
    content: '',
    embeds: [
      { title: t('settings.title'), description: linesWithin(linesOf(settings, models), limits.embedDescription) },
    ],
    components: [
      channelMenu(channels),
      roleMenu(idOf('roles'), t('placeholder.roles'), roles),
      roleMenu(idOf('pressers'), t('placeholder.pressers'), pressers),
      kindMenu(),
      buttons(
        button(idOf('numbers'), t('button.numbers')),
        button(idOf('undo'), t('button.undo'), settings.lastChange === null),
      ),
    ],
  };
}

/** The same for one kind of requests. */
export function kindCard(name: RecipeName, settings: Settings, models: Model[]): Card {
  const roles = settings.rules.kinds[name] ?? [];
  const lines = [
    t('settings.kind', { command: name, names: namesOf(roles.map(roleName), t('settings.whoeverCan')) }),
    ...(hasDefault(name) ? [modelLine(name, settings, models)] : []),
  ];
  return {
    content: '',
    embeds: [{ title: t('settings.kindTitle', { command: name }), description: lines.join('\n') }],
    components: [
      roleMenu(idOf('kind', name), t('placeholder.kindRoles'), roles),
      buttons(
        ...(hasDefault(name) ? [button(idOf('model', name), t('button.defaultModel'))] : []),
        button(idOf('back'), t('button.back')),
      ),
    ],
  };
}

/** Where the settings cannot be read: the way to have some again. */
export const unreadableCard = (): Card => ({
  content: t('settings.unreadable'),
  embeds: [],
  components: [buttons(button(idOf('anew'), t('button.startAnew')))],
});

/** Kinds for which people choose a model; the others have one by themselves. */
export const hasDefault = (name: RecipeName): boolean => recipes[name].generationType !== '';

function linesOf(settings: Settings, models: Model[]): string[] {
  const { rules, timeZone, lastChange } = settings;
  const { channels, roles, kinds, pressers, maxFlows, cooldown, mentions } = rules;
  const limited = recipeNames.filter((name) => (kinds[name] ?? []).length > 0);
  const chosen = recipeNames.filter((name) => rules.models[name] !== undefined);
  return [
    t('settings.explained'),
    '',
    t('settings.channels', { names: namesOf(channels.map(channelName), t('settings.everywhere')) }),
    t('settings.roles', { names: namesOf(roles.map(roleName), t('settings.everybody')) }),
    ...limited.map((name) =>
      t('settings.kind', {
        command: name,
        names: namesOf((kinds[name] ?? []).map(roleName), t('settings.whoeverCan')),
      }),
    ),
    t('settings.pressers', { names: namesOf(pressers.map(roleName), t('settings.nobody')) }),
    ...chosen.map((name) => modelLine(name, settings, models)),
    maxFlows === null ? t('settings.noMaxFlows') : t('settings.maxFlows', { max: maxFlows }),
    cooldown === 0 ? t('settings.noCooldown') : t('settings.cooldown', { seconds: cooldown }),
    t('settings.timeZone', { name: brief(timeZone) }),
    t('settings.mentions', { isOn: mentions ? 'yes' : 'no' }),
    ...(lastChange
      ? ['', `-# ${t('settings.lastChange', { person: `<@${lastChange.by}>`, when: timestamp(lastChange.at, 'R') })}`]
      : []),
  ];
}

function modelLine(name: RecipeName, { rules }: Settings, models: Model[]): string {
  const id = rules.models[name];
  const model = id === undefined ? t('settings.none') : brief(models.find((one) => one.id === id)?.name ?? id);
  return t('settings.model', { command: name, model });
}

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

const channelMenu = (ids: string[]): Row =>
  row({
    type: ComponentType.ChannelSelect,
    custom_id: idOf('channels'),
    placeholder: t('placeholder.channels'),
    // Threads belong to their channel.
    channel_types: [
      ChannelType.GuildText,
      ChannelType.GuildAnnouncement,
      ChannelType.GuildVoice,
      ChannelType.GuildStageVoice,
      ChannelType.GuildForum,
    ],
    min_values: 0,
    max_values: limits.choices,
    default_values: ids.map((id) => ({ id, type: SelectMenuDefaultValueType.Channel })),
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

const kindMenu = (): Row =>
  row({
    type: ComponentType.StringSelect,
    custom_id: idOf('kinds'),
    placeholder: t('placeholder.kind'),
    options: recipeNames.map((name) => ({
      label: `/${name}`,
      value: name,
      description: t(`command.${name}`),
    })),
  });

const button = (id: string, label: string, disabled = false): APIButtonComponent => ({
  type: ComponentType.Button,
  style: ButtonStyle.Secondary,
  custom_id: id,
  label,
  disabled,
});

const buttons = (...components: APIButtonComponent[]): Row => ({ type: ComponentType.ActionRow, components });
