import { areFilters, readFilterId, readPageId } from '../discord/customId.ts';
import { whisper } from '../discord/whisper.ts';
import { t } from '../text/text.ts';
import type { Command, CommandParts } from './command.ts';
import { type Handler, withPayer } from './handler.ts';
import { anything } from './pages.ts';

/** Finds the command of an interaction by its name. */
export function commandHandler(commands: Command[], parts: CommandParts): Handler {
  const byName = new Map(commands.map((command) => [command.data.name, command]));
  return {
    async command(interaction, [name = ''], arrival) {
      arrival.log.info({ command: name }, 'command');
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
      const turn = commands.find(({ data }) => data.name === page?.list)?.turn;
      if (!page || !turn) return undefined;
      return withPayer(interaction, parts, arrival).then((all) => turn(interaction, page, all));
    },
  };
}

/** Finds the command whose list a menu narrows, and shows the first page of what fits. */
export function filterHandler(commands: Command[], parts: CommandParts): Handler {
  return {
    select(interaction, rest, arrival) {
      const menu = readFilterId(rest);
      const turn = commands.find(({ data }) => data.name === menu?.list)?.turn;
      if (!menu || !turn) return undefined;
      const { list, index } = menu;
      const filters = [...menu.filters];
      while (filters.length <= index) filters.push(anything);
      filters[index] = interaction.values[0] ?? anything;
      if (!areFilters(filters)) return undefined;
      return withPayer(interaction, parts, arrival).then((all) => turn(interaction, { list, page: 0, filters }, all));
    },
  };
}

/** Leads what is on a command's own card to the command, by the name with which its ids begin. */
export const controlHandlers = (commands: Command[], parts: CommandParts): Record<string, Handler> =>
  Object.fromEntries(
    commands.flatMap(({ data: { name }, controls }) =>
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
