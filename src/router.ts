import {
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Interaction,
  type MessageContextMenuCommandInteraction,
  type ModalSubmitInteraction,
  PermissionFlagsBits,
} from 'discord.js';
import { readFormId, readPageId } from './discord/customId.ts';
import { jumpTo } from './discord/jump.ts';
import type { Place } from './discord/places.ts';
import { PressAnswer } from './discord/pressAnswer.ts';
import { whisper } from './discord/whisper.ts';
import { readButtonId } from './flows/buttonId.ts';
import { type Press, type PressRefusal, presses } from './flows/events.ts';
import type { Flow } from './flows/flow.ts';
import { nextStepNames } from './flows/nextSteps.ts';
import type { Logger } from './log.ts';
import type { Command, CommandParts, Menu, Parts } from './requests/command.ts';
import { draftForms, openDraft, submitDraft } from './requests/editDraft.ts';
import { menuForm, submitMenu } from './requests/menus.ts';
import { pressNextStep, submitNextStep } from './requests/onward.ts';
import { isOnMessage, maySee, workOf } from './requests/visibility.ts';
import { t } from './text/text.ts';

export interface RouterParts extends CommandParts {
  commands: Command[];
  menus: Menu[];
  /** Where an interaction came from; may be asked only in the tick in which it arrives. */
  placeOf(interaction: string): Place;
}

/** Leads every interaction to its command or flow. The one place where an error of them ends. */
export class Router {
  readonly #parts: RouterParts;
  readonly #commands: Map<string, Command>;
  readonly #menus: Map<string, Menu>;
  readonly #handling = new Set<Promise<void>>();
  /** The latest interactions, by id. */
  readonly #known = new Set<string>();
  #isStopped = false;

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#commands = new Map(parts.commands.map((command) => [command.data.name, command]));
    this.#menus = new Map(parts.menus.map((menu) => [menu.data.name, menu]));
  }

  /** Handles one interaction. Never throws. */
  handle(interaction: Interaction): void {
    if (this.#isStopped || this.#isKnown(interaction.id)) return;
    const log = this.#parts.log.child({ interaction: interaction.id, guild: interaction.guildId });
    const place = this.#parts.placeOf(interaction.id);
    const handling = this.#answer(interaction, place, log).catch((err) => this.#failed(interaction, err, log));
    this.#handling.add(handling);
    void handling.finally(() => this.#handling.delete(handling));
  }

  /** After a broken connection the gateway may send what it has sent before. */
  #isKnown(id: string): boolean {
    if (this.#known.has(id)) return true;
    this.#known.add(id);
    if (this.#known.size > maxKnown)
      for (const oldest of [...this.#known].slice(0, maxKnown / 2)) this.#known.delete(oldest);
    return false;
  }

  async #answer(interaction: Interaction, place: Place, log: Logger): Promise<void> {
    const press = interaction.isButton() ? pressOf(interaction.customId) : undefined;
    if (interaction.isButton() && press) return this.#press(press, interaction, place, log);
    const { accounts, catalogue } = this.#parts;
    const payer = interaction.isAutocomplete() ? undefined : await accounts.payerFor(interaction.guildId);
    // The first account that can be asked may have been connected at another process.
    if (payer) await catalogue.firstRead(() => payer.kubeez.models());
    await this.#route(interaction, { ...this.#parts, log, place, payer });
  }

  /** Takes nothing new: another process does now. */
  halt(): void {
    this.#isStopped = true;
  }

  /** Takes nothing new and waits for what is being handled. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.allSettled([...this.#handling]);
  }

  async #route(interaction: Interaction, parts: Parts): Promise<void> {
    if (interaction.isChatInputCommand()) return this.#command(interaction, parts);
    if (interaction.isMessageContextMenuCommand()) return this.#menu(interaction, parts);
    if (interaction.isAutocomplete()) return this.#autocomplete(interaction, parts);
    if (interaction.isButton()) return this.#button(interaction, parts);
    if (interaction.isModalSubmit()) return this.#form(interaction, parts);
    parts.log.warn({ type: interaction.type }, 'an interaction nobody handles');
  }

  async #command(interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> {
    parts.log.info({ command: interaction.commandName }, 'command');
    const command = this.#commands.get(interaction.commandName);
    if (command) return command.execute(interaction, parts);
    await whisper(interaction, t('router.unknownCommand'));
  }

  async #menu(interaction: MessageContextMenuCommandInteraction, parts: Parts): Promise<void> {
    parts.log.info({ menu: interaction.commandName }, 'menu');
    const menu = this.#menus.get(interaction.commandName);
    if (menu) return menu.execute(interaction, parts);
    await whisper(interaction, t('router.unknownMenu'));
  }

  async #autocomplete(interaction: AutocompleteInteraction, parts: Parts): Promise<void> {
    await this.#commands.get(interaction.commandName)?.autocomplete?.(interaction, parts);
  }

  async #button(interaction: ButtonInteraction, parts: Parts): Promise<void> {
    const page = readPageId(interaction.customId);
    const list = page && this.#commands.get(page.list);
    if (page && list?.turn) return list.turn(interaction, page, parts);
    const draft = readFormId(interaction.customId);
    if (draft && draftForms.includes(draft.form)) return openDraft(interaction, draft, parts);
    const found = await this.#flowOf(interaction, parts);
    if (!found.ok) return whisper(interaction, found.sentence);
    const { action, flow } = found;
    const step = nextStepNames.find((name) => name === action);
    if (step) {
      parts.log.info({ flow: flow.id, step }, 'next step');
      return pressNextStep(step, flow, interaction, parts);
    }
    await whisper(interaction, t('router.unknownButton'));
  }

  /** A press on a button of a card that waits for somebody. Nothing but the flow is read before it is answered. */
  async #press(
    { action, flow: id }: { action: Press; flow: string },
    interaction: ButtonInteraction,
    place: Place,
    log: Logger,
  ): Promise<void> {
    const { clock, drawer, runner } = this.#parts;
    const answer = new PressAnswer(interaction, clock, (err) => log.warn({ err }, 'press not acknowledged'));
    const work = async () => {
      log.info({ flow: id, action }, 'press');
      const pressed = await runner.press(id, { type: 'pressed', action, ...whoAndWhere(interaction, place) });
      if (!pressed) return void (await answer.whisper(t('router.tooOld')));
      const { flow, refused } = pressed;
      if (refused) return void (await answer.whisper(refusalSentence(refused, flow)));
      if (action === 'link') return void (await answer.whisper(linkOf(flow)));
      return flow;
    };
    await drawer.answer(id, answer, work).finally(() => answer.close());
  }

  async #form(interaction: ModalSubmitInteraction, parts: Parts): Promise<void> {
    const id = readFormId(interaction.customId);
    if (id) {
      parts.log.info({ form: id.form }, 'form');
      if (draftForms.includes(id.form)) return submitDraft(interaction, id.draft, parts);
      if (id.form === menuForm) return submitMenu(interaction, id.draft, parts);
      const command = this.#commands.get(id.form);
      if (command?.submit) return command.submit(interaction, id.draft, parts);
    }
    const found = await this.#flowOf(interaction, parts);
    if (!found.ok) return whisper(interaction, found.sentence);
    const step = nextStepNames.find((name) => name === found.action);
    if (!step) return whisper(interaction, t('router.tooOld'));
    parts.log.info({ flow: found.flow.id, step }, 'form');
    return submitNextStep(step, found.flow, interaction, parts);
  }

  /**
   * The flow a button or form belongs to, if it is one of this server (or DM) that this person may see: ids are short,
   * so not taken on trust.
   */
  async #flowOf(interaction: ButtonInteraction | ModalSubmitInteraction, parts: Parts): Promise<Found> {
    const id = readButtonId(interaction.customId);
    let flow = id && (await this.#parts.records.load(id.flow));
    if (id && flow?.stage === 'delivering') {
      await this.#parts.runner.quiet(id.flow, maxFinishing);
      flow = await this.#parts.records.load(id.flow);
    }
    if (id && !flow) this.#parts.runner.missed(id.flow);
    if (!id || !flow || !isIn(flow, interaction)) return { ok: false, sentence: t('router.tooOld') };
    // What its requester shows again after deleting it is there for those who see it.
    const isDeleted = flow.deletedAt !== null && !isOnMessage(interaction);
    if (await maySee({ ...workOf(flow), deleted: isDeleted }, interaction, parts))
      return { ok: true, action: id.action, flow };
    return { ok: false, sentence: isDeleted ? t('router.deleted') : t('router.hidden') };
  }

  async #failed(interaction: Interaction, err: unknown, log: Logger): Promise<void> {
    log.error({ err }, 'interaction failed');
    if (!interaction.isRepliable()) return;
    const sentence = t('router.failed', { id: interaction.id });
    await whisper(interaction, sentence).catch((err) => log.warn({ err }, 'the failure could not be told'));
  }
}

/** Interactions that are remembered at most: an event comes again within seconds. */
const maxKnown = 2_000;

/** Milliseconds a press on a card that was just finished waits for its record; Discord waits 3 seconds in all. */
const maxFinishing = 1500;

/** What a press or a form was for, or the sentence that says why it leads nowhere. */
type Found = { ok: true; action: string; flow: Flow } | { ok: false; sentence: string };

/** The press on a flow a button stands for, if it is one. */
function pressOf(customId: string): { action: Press; flow: string } | undefined {
  const id = readButtonId(customId);
  const action = presses.find((name) => name === id?.action);
  return id && action && { action, flow: id.flow };
}

/** Who pressed, and on which message. */
const whoAndWhere = (
  { user, guildId, channelId, message, memberPermissions }: ButtonInteraction,
  { roles }: Place,
) => ({
  by: { id: user.id, roles, managesServer: memberPermissions?.has(PermissionFlagsBits.ManageGuild) ?? false },
  at: { guild: guildId, channel: channelId, message: message.id },
});

/** What to tell whoever pressed in vain. */
function refusalSentence(refused: PressRefusal, { requester, recipe, guild, card }: Flow): string {
  if (refused === 'notYours') return t('router.notYours', { person: `<@${requester}>`, command: recipe });
  const address = jumpTo(guild, card.channel, card.message);
  return refused === 'gone' || address === undefined ? t('router.tooOld') : t('router.moved', { address });
}

const isIn = (flow: Flow, { guildId, user }: ButtonInteraction | ModalSubmitInteraction) =>
  guildId === null ? flow.requester === user.id : flow.guild === guildId;

function linkOf(flow: Flow): string {
  return flow.stage === 'uploading' && flow.upload ? flow.upload.url : t('upload.notNeeded');
}
