import {
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Interaction,
  MessageFlags,
} from 'discord.js';
import type { Command, CommandParts } from './commands/command.ts';
import { readCustomId } from './discord/customId.ts';
import { type Press, presses } from './flows/events.ts';
import type { Flow } from './flows/flow.ts';
import type { FlowRecords } from './flows/records.ts';
import type { Logger } from './log.ts';

export interface RouterParts extends CommandParts {
  commands: Command[];
  records: FlowRecords;
}

/** Leads every interaction to its command or flow. The one place where an error of them ends. */
export class Router {
  readonly #parts: RouterParts;
  readonly #commands: Map<string, Command>;
  readonly #handling = new Set<Promise<void>>();
  #isStopped = false;

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#commands = new Map(parts.commands.map((command) => [command.data.name, command]));
  }

  /** Handles one interaction. Never throws. */
  handle(interaction: Interaction): void {
    if (this.#isStopped) return;
    const log = this.#parts.log.child({ interaction: interaction.id, guild: interaction.guildId });
    const handling = this.#route(interaction, log).catch((err) => this.#failed(interaction, err, log));
    this.#handling.add(handling);
    void handling.finally(() => this.#handling.delete(handling));
  }

  /** Takes nothing new and waits for what is being handled. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.allSettled([...this.#handling]);
  }

  async #route(interaction: Interaction, log: Logger): Promise<void> {
    if (interaction.isChatInputCommand()) return this.#command(interaction, log);
    if (interaction.isAutocomplete()) return this.#autocomplete(interaction);
    if (interaction.isButton()) return this.#button(interaction, log);
    log.warn({ type: interaction.type }, 'an interaction nobody handles');
  }

  async #command(interaction: ChatInputCommandInteraction, log: Logger): Promise<void> {
    log.info({ command: interaction.commandName }, 'command');
    const command = this.#commands.get(interaction.commandName);
    if (command) return command.execute(interaction, { ...this.#parts, log });
    await whisper(interaction, 'I no longer know that command: reload Discord, then pick it again. Nothing was spent.');
  }

  async #autocomplete(interaction: AutocompleteInteraction): Promise<void> {
    await this.#commands.get(interaction.commandName)?.autocomplete?.(interaction, this.#parts);
  }

  async #button(interaction: ButtonInteraction, log: Logger): Promise<void> {
    const { records, runner } = this.#parts;
    const button = readCustomId(interaction.customId);
    const flow = button && (await records.load(button.flow));
    if (!button || !flow || !isIn(flow, interaction)) {
      return whisper(
        interaction,
        'This card is too old: I no longer keep it. Start again with a command; nothing was spent.',
      );
    }
    const action = presses.find((press) => press === button.action);
    if (!action)
      return whisper(interaction, 'I no longer know that button. Start again with a command; nothing was spent.');
    if (interaction.user.id !== flow.requester) {
      return whisper(
        interaction,
        `Only <@${flow.requester}>, who started this, can press that. Start your own with /${flow.recipe}.`,
      );
    }
    log.info({ flow: flow.id, action }, 'press');
    if (action === 'link') return whisper(interaction, linkOf(flow));
    await interaction.deferUpdate();
    await runner.send(flow.id, pressed(action, interaction));
  }

  async #failed(interaction: Interaction, err: unknown, log: Logger): Promise<void> {
    log.error({ err }, 'interaction failed');
    if (!interaction.isRepliable()) return;
    const sentence = `Something went wrong in the bot; no price was confirmed by this. Tell whoever runs it this number: ${interaction.id}`;
    await whisper(interaction, sentence).catch((err) => log.warn({ err }, 'the failure could not be told'));
  }
}

const pressed = (action: Press, { user }: ButtonInteraction) => ({ type: 'pressed', action, by: user.id }) as const;

/** A button belongs to the server (or DM) its flow was started in; ids are short, so they are not taken on trust. */
const isIn = (flow: Flow, { guildId }: ButtonInteraction) => guildId === null || flow.guild === guildId;

function linkOf(flow: Flow): string {
  return flow.stage === 'uploading' && flow.upload ? flow.upload.url : 'No files are needed any more.';
}

/** Tells only the person who did something. */
async function whisper(interaction: ButtonInteraction | ChatInputCommandInteraction | Interaction, content: string) {
  if (!interaction.isRepliable()) return;
  const message = { content, flags: [MessageFlags.Ephemeral, MessageFlags.SuppressEmbeds] as const };
  if (interaction.replied || interaction.deferred) await interaction.followUp(message);
  else await interaction.reply(message);
}
