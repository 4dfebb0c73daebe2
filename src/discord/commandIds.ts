import type { REST } from 'discord.js';
import { z } from 'zod';
import { commandName } from '../text/text.ts';
import { commandsRoute } from './registration.ts';

const commandsSchema = z.array(z.object({ id: z.string(), name: z.string() }));

/** The ids that Discord gave the commands: with them a text leads to a command by a click. */
export class CommandIds {
  readonly #rest: REST;
  #ids = new Map<string, string>();

  constructor(rest: REST) {
    this.#rest = rest;
  }

  /**
   * Reads them; throws what discord.js throws.
   *
   * @param guild the one server in which the commands are registered; all servers when left out
   */
  async read(application: string, guild: string | undefined): Promise<void> {
    this.take(await this.#rest.get(commandsRoute(application, guild)));
  }

  /** Takes them from Discord's answer to a registration, or to a question for what is registered; throws for any other. */
  take(answer: unknown): void {
    this.#ids = new Map(commandsSchema.parse(answer).map(({ id, name }) => [name, id]));
  }

  /** Whether they were read. */
  get areKnown(): boolean {
    return this.#ids.size > 0;
  }

  /** A command, or a part of one such as `budget show`, to be clicked; by its name as long as its id is not known. */
  linkTo(name: string): string {
    const [command = ''] = name.split(' ');
    const id = this.#ids.get(command);
    // Docs: reference, Message Formatting.
    return id ? `</${name}:${id}>` : `**/${commandName(name)}**`;
  }
}
