import type { AnySelectMenuInteraction, ButtonInteraction } from 'discord.js';
import { areFilters, type PageButton, readFilterId, readPageId } from '../discord/customId.ts';
import { whisper } from '../discord/whisper.ts';
import { t } from '../text/text.ts';
import type { Command, CommandParts } from './command.ts';
import { type Arrival, type Handler, withPayer } from './handler.ts';
import { anything } from './pages.ts';

/** Finds the command of an interaction by its name. */
export function commandHandler(commands: Command[], parts: CommandParts): Handler {
  const byName = new Map(commands.map((command) => [command.name, command]));
  return {
    async command(interaction, [name = ''], arrival) {
      arrival.note({ command: name }, 'command');
      const command = byName.get(name);
      if (command) return command.execute(interaction, await withPayer(interaction, parts, arrival));
      await whisper(interaction, t('router.unknownCommand'));
    },
    autocomplete: (interaction, [name = ''], arrival) =>
      byName.get(name)?.autocomplete?.(interaction, { ...parts, ...arrival }),
  };
}

/** Finds the command whose list a page button belongs to. */
export function pageHandler(commands: Command[], parts: CommandParts): Handler {
  return {
    press(interaction, rest, arrival) {
      const page = readPageId(rest);
      return page && turnTo(page, commands, interaction, parts, arrival);
    },
  };
}

/** Finds the command whose list a menu narrows, and shows the first page of what fits. */
export function filterHandler(commands: Command[], parts: CommandParts): Handler {
  return {
    select(interaction, rest, arrival) {
      const menu = readFilterId(rest);
      if (!menu) return undefined;
      const { list, index } = menu;
      const filters = [...menu.filters];
      while (filters.length <= index) filters.push(anything);
      filters[index] = interaction.values[0] ?? anything;
      if (!areFilters(filters)) return undefined;
      return turnTo({ list, page: 0, filters }, commands, interaction, parts, arrival);
    },
  };
}

/** Has the command show a page of its list; undefined where no command has such a list. */
function turnTo(
  page: PageButton,
  commands: Command[],
  interaction: ButtonInteraction | AnySelectMenuInteraction,
  parts: CommandParts,
  arrival: Arrival,
): Promise<void> | undefined {
  const turn = commands.find(({ name }) => name === page.list)?.turn;
  return turn && withPayer(interaction, parts, arrival).then((all) => turn(interaction, page, all));
}

/** Leads what is on a command's own card to the command, by the name with which its ids begin. */
export const controlHandlers = (commands: Command[], parts: CommandParts): Record<string, Handler> =>
  Object.fromEntries(
    commands.flatMap(({ name, controls }) =>
      controls
        ? [
            [
              name,
              {
                press: (interaction, key, arrival) => controls.press(interaction, key, { ...parts, ...arrival }),
                select: (interaction, key, arrival) => controls.select?.(interaction, key, { ...parts, ...arrival }),
                submit: (interaction, key, arrival) => controls.submit?.(interaction, key, { ...parts, ...arrival }),
              } satisfies Handler,
            ],
          ]
        : [],
    ),
  );
