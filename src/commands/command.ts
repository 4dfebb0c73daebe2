import type {
  AutocompleteInteraction,
  ChatInputCommandInteraction,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord.js';
import type { Clock } from '../clock.ts';
import type { Runner } from '../flows/runner.ts';
import type { Catalogue } from '../kubeez/catalogue.ts';
import type { Logger } from '../log.ts';
import type { Popularity } from '../state/popularity.ts';

/** What commands work with. */
export interface CommandParts {
  runner: Runner;
  catalogue: Catalogue;
  popularity: Popularity;
  clock: Clock;
  log: Logger;
  /** Whether an interaction came from a thread; may be asked only before the first wait. */
  isInThread(interaction: string): boolean;
}

/** One slash command: what Discord is told of it, and what it does. */
export interface Command {
  data: RESTPostAPIChatInputApplicationCommandsJSONBody;
  /** Acknowledges as its first slow step. Throws only on a bug. */
  execute(interaction: ChatInputCommandInteraction, parts: CommandParts): Promise<void>;
  /** Answers from memory: Discord waits 3 seconds and no longer. */
  autocomplete?(interaction: AutocompleteInteraction, parts: CommandParts): Promise<void>;
}
