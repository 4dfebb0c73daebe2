import { PermissionFlagsBits } from 'discord-api-types/v10';
import { commands } from '../src/commands/index.ts';
import type { Command } from '../src/requests/command.ts';
import { type CommandPart, partsOf } from '../src/requests/commandParts.ts';

/** README's table of commands: what Discord is told of them. */
export function commandTable(): string {
  return [
    '| command | what it does | options (`*` needed) |',
    '| --- | --- | --- |',
    ...commands.flatMap((command) =>
      partsOf(command).map((part) => `| \`/${part.name}\` | ${whatItDoes(part, command)} | ${optionsOf(part)} |`),
    ),
  ].join('\n');
}

function whatItDoes({ description }: CommandPart, { define }: Command): string {
  const isForManagers = define().default_member_permissions === String(PermissionFlagsBits.ManageGuild);
  return isForManagers ? `${description} (Manage Server)` : description;
}

const optionsOf = ({ options }: CommandPart) =>
  options.map(({ name, required }) => `\`${name}${required ? '*' : ''}\``).join(' ') || '–';
