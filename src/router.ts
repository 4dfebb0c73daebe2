import type { Interaction } from 'discord.js';
import { type CustomId, readCustomId } from './discord/customId.ts';
import type { Place } from './discord/places.ts';
import type { Unanswered } from './discord/unanswered.ts';
import { whisper } from './discord/whisper.ts';
import type { Languages } from './guilds/languages.ts';
import type { Logger } from './log.ts';
import { approvalHandler } from './requests/approving.ts';
import type { Command, CommandParts, Menu } from './requests/command.ts';
import { commandHandler, controlHandlers, filterHandler, pageHandler } from './requests/commandHandler.ts';
import { flowHandler } from './requests/flowHandler.ts';
import { formHandler } from './requests/formHandler.ts';
import type { Arrival, Handler, Note } from './requests/handler.ts';
import { menuHandler } from './requests/menus.ts';
import { raiseHandler } from './requests/raising.ts';
import { speaking, t } from './text/text.ts';
import { tracing } from './trace.ts';

/** Who answers, by the prefix of the id. */
export type Handlers = Record<string, Handler>;

/**
 * Every handler of this bot. A new kind of button, select menu or form has a prefix of its own and one line here; what is on a
 * command's own card has the command's name.
 */
export const handlersOf = (commands: Command[], menus: Menu[], parts: CommandParts): Handlers => ({
  ...controlHandlers(commands, parts),
  approval: approvalHandler(parts),
  command: commandHandler(commands, parts),
  menu: menuHandler(menus, parts),
  flow: flowHandler(parts),
  form: formHandler(commands, parts),
  filter: filterHandler(commands, parts),
  page: pageHandler(commands, parts),
  raise: raiseHandler(parts),
});

export interface RouterParts {
  handlers: Handlers;
  /** Where an interaction came from; may be asked only in the tick in which it arrives. */
  placeOf(interaction: string): Place;
  languages: Pick<Languages, 'spokenTo'>;
  /** Whether nothing may be done in a server for now (null: the DMs), because all that is kept of it is being removed. */
  isClosed(guild: string | null): boolean;
  /** Where those are noted who wait for an answer. */
  unanswered: Unanswered;
  /** Whoever else wants to know what becomes of interactions. */
  watcher?: InteractionWatcher | undefined;
  log: Logger;
}

/** Told of each interaction that it has arrived, that its handling ended with an error, and, last, that it was handled. */
export interface InteractionWatcher {
  arrived(interaction: Interaction): void;
  failed(interaction: Interaction): void;
  handled(interaction: Interaction): void;
}

/** Leads every interaction to its handler. The one place where an error of them ends. */
export class Router {
  readonly #parts: RouterParts;
  readonly #handling = new Set<Promise<void>>();
  /** What is still to be noted in the log. */
  readonly #noting = new Set<Promise<void>>();
  /** The latest interactions, by id. */
  readonly #known = new Set<string>();
  #isStopped = false;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** Handles one interaction. Never throws. */
  handle(interaction: Interaction): void {
    if (this.#isStopped || this.#isKnown(interaction.id)) return;
    const place = this.#parts.placeOf(interaction.id);
    const { watcher, unanswered } = this.#parts;
    watcher?.arrived(interaction);
    unanswered.add(interaction.id);
    // A logger for each would take longer than the rest of this.
    let about: object = { interaction: interaction.id, guild: interaction.guildId };
    const handling = tracing(
      interaction.id,
      () => this.#answer(interaction, place, about),
      () => about,
    );
    this.#handling.add(handling);
    void handling.finally(() => {
      this.#handling.delete(handling);
      about = {};
      unanswered.remove(interaction.id);
      watcher?.handled(interaction);
    });
  }

  /** Takes nothing new: another process does now. */
  halt(): void {
    this.#isStopped = true;
  }

  /** Takes nothing new and waits for what is being handled. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.allSettled([...this.#handling]);
    await Promise.allSettled([...this.#noting]);
  }

  /** After a broken connection the gateway may send what it has sent before. */
  #isKnown(id: string): boolean {
    if (this.#known.has(id)) return true;
    this.#known.add(id);
    if (this.#known.size > maxKnown)
      for (const oldest of [...this.#known].slice(0, maxKnown / 2)) this.#known.delete(oldest);
    return false;
  }

  /** Answers in the language of whoever sent it. */
  async #answer(interaction: Interaction, place: Place, about: object): Promise<void> {
    const { log } = this.#parts;
    const spokenTo = await this.#parts.languages.spokenTo(interaction);
    const note: Note = (what, message) => this.#note({ ...about, ...what }, message);
    await speaking(spokenTo.person, () =>
      this.#lead(interaction, { place, spokenTo, log, note }).catch((err) => this.#failed(interaction, err, log)),
    );
  }

  #note(what: object, message: string): void {
    const { unanswered, log } = this.#parts;
    const noting = unanswered.none().then(() => log.info(what, message));
    this.#noting.add(noting);
    void noting.finally(() => this.#noting.delete(noting));
  }

  async #lead(interaction: Interaction, arrival: Arrival): Promise<void> {
    if (this.#parts.isClosed(interaction.guildId)) {
      if (interaction.isAutocomplete()) await interaction.respond([]);
      else await whisper(interaction, t('router.forgetting'));
      return;
    }
    const id = idOf(interaction);
    const handler = id && Object.hasOwn(this.#parts.handlers, id.prefix) ? this.#parts.handlers[id.prefix] : undefined;
    const answered = handler && id && answer(handler, interaction, id.rest, arrival);
    if (answered) return answered;
    arrival.log.warn({ type: interaction.type, id }, 'an interaction nobody handles');
    await whisper(interaction, t('router.unknown'));
  }

  async #failed(interaction: Interaction, err: unknown, log: Logger): Promise<void> {
    this.#parts.watcher?.failed(interaction);
    log.error({ err }, 'interaction failed');
    const sentence = t('router.failed', { id: interaction.id });
    await whisper(interaction, sentence).catch((err) => log.warn({ err }, 'the failure could not be told'));
  }
}

/** Interactions that are remembered at most: an event comes again within seconds. */
const maxKnown = 2_000;

/** Commands and entries of menus have a name in place of an id. */
function idOf(interaction: Interaction): CustomId | undefined {
  if (interaction.isChatInputCommand() || interaction.isAutocomplete())
    return { prefix: 'command', rest: [interaction.commandName] };
  if (interaction.isMessageContextMenuCommand()) return { prefix: 'menu', rest: [interaction.commandName] };
  if (interaction.isMessageComponent() || interaction.isModalSubmit()) return readCustomId(interaction.customId);
  return undefined;
}

function answer(handler: Handler, interaction: Interaction, rest: string[], arrival: Arrival) {
  if (interaction.isChatInputCommand()) return handler.command?.(interaction, rest, arrival);
  if (interaction.isAutocomplete()) return handler.autocomplete?.(interaction, rest, arrival);
  if (interaction.isMessageContextMenuCommand()) return handler.menu?.(interaction, rest, arrival);
  if (interaction.isButton()) return handler.press?.(interaction, rest, arrival);
  if (interaction.isAnySelectMenu()) return handler.select?.(interaction, rest, arrival);
  if (interaction.isModalSubmit()) return handler.submit?.(interaction, rest, arrival);
  return undefined;
}
