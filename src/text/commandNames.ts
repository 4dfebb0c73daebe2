/** What commands, their parts and their options are called in a language, by their names in the definitions. */
export interface CommandNames {
  command: Record<string, string>;
  subcommand: Record<string, string>;
  option: Record<string, string>;
}

/** Commands that have parts: what follows their name is one of them, and no option. */
export const commandsWithParts = ['budget', 'privacy'];

/** A command as people type it, or one of its parts: `budget set`. Without the slash. */
export function commandName(name: string, names: CommandNames | undefined): string {
  const [command = '', rest] = name.split(' ');
  const own = names?.command[command] ?? command;
  if (rest === undefined) return own;
  const ofRest = commandsWithParts.includes(command) ? names?.subcommand : names?.option;
  return `${own} ${ofRest?.[rest] ?? rest}`;
}

/** `/budget set`, `/connect mine:True` or `model` in backticks, and commands without them, but no address or path. */
const mention =
  /`\/(?<quoted>[a-z]+(?: [a-z]+)?)(?=[`:])|(?<=`)(?<option>[a-z]+)(?=`)|(?<![\p{L}\p{N}/.:_{}<-])\/(?<bare>[a-z]+(?: [a-z]+)?)(?![\p{L}\p{N}_/.-]*[/_])/gu;

/** A message with the names that commands and options have in its own language. */
export function withOwnNames(message: string, names: CommandNames | undefined): string {
  if (!names) return message;
  return message.replace(mention, (found, quoted?: string, option?: string, bare?: string) => {
    if (quoted !== undefined) return `\`/${commandName(quoted, names)}`;
    if (option !== undefined) return names.option[option] ?? found;
    // What follows a command without backticks may be a part of it, or just the next word.
    const [command = '', next = ''] = (bare ?? '').split(' ');
    if (commandsWithParts.includes(command) && names.subcommand[next])
      return `/${commandName(`${command} ${next}`, names)}`;
    return `/${commandName(command, names)}${next && ` ${next}`}`;
  });
}
