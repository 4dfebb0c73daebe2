import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIEmbed,
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  ComponentType,
  MessageFlags,
} from 'discord.js';
import { type PageButton, writePageId } from '../discord/customId.ts';
import { cut, limits } from '../discord/limits.ts';

/** One page of a list. */
export interface Page {
  title: string;
  /** What there is on it; said instead when there is nothing. */
  lines: string[];
  empty: string;
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

/** Turns to the page a button names. */
export async function turnTo(interaction: ButtonInteraction, at: PageButton, read: ReadPage): Promise<void> {
  await interaction.deferUpdate();
  await interaction.editReply(render(await read(at.page), at));
}

interface Shown {
  embeds: APIEmbed[];
  components: APIActionRowComponent<APIButtonComponent>[];
}

function render(page: Page, at: PageButton): Shown {
  const { title, lines, empty, pages, hasMore } = page;
  const number = pages === undefined ? `Page ${at.page + 1}` : `Page ${at.page + 1} of ${Math.max(1, pages)}`;
  const isOnly = at.page === 0 && !hasMore;
  return {
    embeds: [
      {
        title: cut(title, limits.embedTitle),
        description: fitting(lines) || empty,
        ...(isOnly ? {} : { footer: { text: number } }),
      },
    ],
    components: isOnly ? [] : [turners(at, hasMore)],
  };
}

/** As many lines as an embed holds, none of them cut in two. */
function fitting(lines: string[]): string {
  let text = '';
  for (const line of lines) {
    const next = text === '' ? line : `${text}\n${line}`;
    if (next.length > limits.embedDescription) break;
    text = next;
  }
  return text;
}

function turners(at: PageButton, hasMore: boolean): APIActionRowComponent<APIButtonComponent> {
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
      turner('◀ Newer', at.page === 0 ? 999_999 : at.page - 1, at.page === 0),
      turner('Older ▶', at.page + 1, !hasMore),
    ],
  };
}

/** A jump to a message (docs: reference, Message Formatting). */
export const jumpTo = (guild: string | null, channel: string, message: string | null) =>
  message === null ? undefined : `https://discord.com/channels/${guild ?? '@me'}/${channel}/${message}`;
