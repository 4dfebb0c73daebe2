import {
  type AnySelectMenuInteraction,
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIComponentInMessageActionRow,
  type APIEmbed,
  type APIStringSelectComponent,
  type APIUserSelectComponent,
  ApplicationCommandOptionType,
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  ComponentType,
  MessageFlags,
  SelectMenuDefaultValueType,
} from 'discord.js';
import { type PageButton, writeFilterId, writePageId } from '../discord/customId.ts';
import { recipeNames, recipes } from '../flows/recipes/index.ts';
import { cut, linesWithin } from '../text/cut.ts';
import { limits } from '../text/limits.ts';
import { t } from '../text/text.ts';

/** An option of lists: without it they show the channel one is in. */
export const serverOption = () =>
  ({
    type: ApplicationCommandOptionType.Boolean,
    name: 'server',
    description: t('option.server'),
  }) as const;

/** The filter of a list that `server` was set for. */
export const everywhere = 'server';

/** Stands for a filter that lets everything through. */
export const anything = '-';

/** A menu that narrows a list: to a person, or to one of some values. */
export type Filter =
  | { what: 'person'; index: number }
  | {
      what: 'kind' | 'family';
      index: number;
      values: { label: string; value: string }[];
      /** How many there are for which there was no room; none when left out. */
      more?: number;
    };

/** The filter for a kind of work. */
export const kindFilter = (index: number): Filter => ({
  what: 'kind',
  index,
  values: recipeNames.map((name) => ({ label: `${recipes[name].emoji} ${t(`recipe.${name}.title`)}`, value: name })),
});

/** The filters of a list of what people ask for: by person, where there are several, and by kind. */
export const workFilters = (hasPeople: boolean): Filter[] => [
  ...(hasPeople ? [{ what: 'person' as const, index: 0 }] : []),
  kindFilter(1),
];

/** One page of a list. */
interface Page {
  title: string;
  /** How it can be narrowed; a menu for each, above the buttons. */
  filters?: Filter[];
  /** What there is on it; said instead when there is nothing. */
  lines: string[];
  empty: string;
  /** What its pages go by: time, the newest first; else nothing that has a name. */
  isByTime?: boolean;
  /** How many pages there are, where that is known. */
  pages?: number;
  hasMore: boolean;
}

/** Reads a page of a list; 0 is the first. */
export type ReadPage = (page: number) => Promise<Page>;

/** Shows the first page of a list to whoever asked. */
export async function showList(
  interaction: ChatInputCommandInteraction,
  at: Omit<PageButton, 'page'>,
  read: ReadPage,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  await interaction.editReply(render(await read(0), { ...at, page: 0 }));
}

/** Turns to the page a button names; where the list has become shorter, or the button is a forgery, to one there is. */
export async function turnTo(
  interaction: ButtonInteraction | AnySelectMenuInteraction,
  at: PageButton,
  read: ReadPage,
): Promise<void> {
  await interaction.deferUpdate();
  let page = await read(at.page);
  let number = at.page;
  if (page.lines.length === 0 && number > 0) {
    number = Math.max(0, (page.pages ?? 1) - 1);
    page = await read(number);
  }
  await interaction.editReply(render(page, { ...at, page: number }));
}

interface Shown {
  embeds: APIEmbed[];
  components: APIActionRowComponent<APIComponentInMessageActionRow>[];
}

function render(page: Page, at: PageButton): Shown {
  const { title, lines, empty, filters = [], pages, hasMore } = page;
  const number =
    pages === undefined
      ? t('list.page', { page: at.page + 1 })
      : t('list.pageOf', { page: at.page + 1, pages: Math.max(1, pages) });
  const isOnly = at.page === 0 && !hasMore;
  return {
    embeds: [
      {
        title: cut(title, limits.embedTitle),
        description: linesWithin(lines, limits.embedDescription) || empty,
        ...(isOnly ? {} : { footer: { text: number } }),
      },
    ],
    components: [
      ...filters.map((filter) => ({ type: ComponentType.ActionRow as const, components: [menuOf(filter, at)] })),
      ...(isOnly ? [] : [turners(at, hasMore, page.isByTime ?? false)]),
    ],
  };
}

/** Ids of buttons and menus can be forged. */
const isPerson = (chosen: string) => /^\d{17,20}$/.test(chosen);

/** Everything is an entry of its own where there are values, because a menu of values always has one chosen. */
function menuOf(filter: Filter, { list, filters }: PageButton): APIStringSelectComponent | APIUserSelectComponent {
  const { index } = filter;
  const chosen = filters[index] ?? anything;
  const custom_id = writeFilterId({ list, index, filters });
  if (filter.what === 'person') {
    return {
      type: ComponentType.UserSelect,
      custom_id,
      placeholder: t('list.anybody'),
      min_values: 0,
      ...(!isPerson(chosen) ? {} : { default_values: [{ id: chosen, type: SelectMenuDefaultValueType.User }] }),
    };
  }
  const more = Math.max(0, filter.more ?? 0);
  const all = more > 0 ? t('list.any.more', { count: more }) : t(`list.any.${filter.what}`);
  const options = [{ label: all, value: anything }, ...filter.values]
    .slice(0, limits.choices)
    .map((option) => ({ ...option, label: cut(option.label, limits.choiceValue), default: option.value === chosen }));
  return { type: ComponentType.StringSelect, custom_id, placeholder: t(`list.any.${filter.what}`), options };
}

function turners(at: PageButton, hasMore: boolean, isByTime: boolean): APIActionRowComponent<APIButtonComponent> {
  const turner = (label: string, page: number, disabled: boolean): APIButtonComponent => ({
    type: ComponentType.Button,
    style: ButtonStyle.Secondary,
    label,
    custom_id: writePageId({ ...at, page: Math.max(0, page) }),
    disabled,
  });
  return {
    type: ComponentType.ActionRow,
    components: [
      // Never the id of the other button, also at the ends (docs: an id is used once in a message).
      turner(t(isByTime ? 'button.newer' : 'button.previous'), at.page === 0 ? 999_999 : at.page - 1, at.page === 0),
      turner(t(isByTime ? 'button.older' : 'button.next'), at.page + 1, !hasMore),
    ],
  };
}
