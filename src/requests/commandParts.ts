import { ApplicationCommandOptionType } from 'discord-api-types/v10';
import type { Command } from './command.ts';

/** A command, or one part of it, as people see it in Discord. */
export interface CommandPart {
  name: string;
  description: string;
  options: { name: string; required?: boolean | undefined }[];
}

/** The parts of a command, such as `budget show`; a command without parts as it is. */
export function partsOf({ name, define }: Command): CommandPart[] {
  const { description, options = [] } = define();
  const parts = options.flatMap((option) =>
    option.type === ApplicationCommandOptionType.Subcommand
      ? [{ name: `${name} ${option.name}`, description: option.description, options: option.options ?? [] }]
      : [],
  );
  return parts.length > 0 ? parts : [{ name, description, options }];
}
