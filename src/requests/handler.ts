import type {
  AnySelectMenuInteraction,
  AutocompleteInteraction,
  ButtonInteraction,
  ChatInputCommandInteraction,
  Interaction,
  MessageContextMenuCommandInteraction,
  ModalSubmitInteraction,
} from 'discord.js';
import type { Place } from '../discord/places.ts';
import type { SpokenTo } from '../guilds/languages.ts';
import type { Logger } from '../log.ts';
import type { CommandParts, Parts } from './command.ts';

/** What is known about an interaction before anything is read. */
export interface Arrival {
  place: Place;
  spokenTo: SpokenTo;
  log: Logger;
  /** Notes in the log what somebody did, once all who came at the same moment have their answer, after 300 ms at the latest. */
  note: Note;
}

export type Note = (what: object, message: string) => void;

type Answer<Kind extends Interaction> = (
  interaction: Kind,
  rest: string[],
  arrival: Arrival,
) => Promise<void> | undefined;

/**
 * Answers every interaction whose id begins with one prefix; `rest` is what follows the prefix. Its first slow step is
 * the answer to Discord, which waits 3 seconds. It returns undefined for what it does not know.
 */
export interface Handler {
  command?: Answer<ChatInputCommandInteraction>;
  autocomplete?: Answer<AutocompleteInteraction>;
  menu?: Answer<MessageContextMenuCommandInteraction>;
  press?: Answer<ButtonInteraction>;
  select?: Answer<AnySelectMenuInteraction>;
  submit?: Answer<ModalSubmitInteraction>;
}

/** Finds the account that pays for whoever sent an interaction, where it came from. */
export async function withPayer({ guildId, user }: Interaction, parts: CommandParts, arrival: Arrival): Promise<Parts> {
  const payer = await parts.accounts.payerFor(guildId, user.id);
  // The first account that can be asked may have been connected at another process.
  if (payer) await parts.catalogue.firstRead(() => payer.kubeez.models());
  return { ...parts, ...arrival, payer };
}
