import {
  type AnySelectMenuInteraction,
  ApplicationCommandType,
  ApplicationIntegrationType,
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  InteractionContextType,
  type MessageContextMenuCommandInteraction,
  type ModalSubmitInteraction,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
  type RESTPostAPIContextMenuApplicationCommandsJSONBody,
  type StringSelectMenuInteraction,
} from 'discord.js';
import type { Accounts, Payer } from '../accounts/accounts.ts';
import type { OAuth } from '../accounts/oauth.ts';
import type { Clock } from '../clock.ts';
import type { ChannelAccess } from '../discord/channelAccess.ts';
import type { CommandIds } from '../discord/commandIds.ts';
import type { PageButton } from '../discord/customId.ts';
import type { Messages } from '../discord/messages.ts';
import type { Unanswered } from '../discord/unanswered.ts';
import type { Copies } from '../engine/copies.ts';
import type { Drawer } from '../engine/drawer.ts';
import type { LogChannel } from '../engine/logChannel.ts';
import type { FlowRecords } from '../engine/records.ts';
import type { Runner } from '../engine/runner.ts';
import type { Flow } from '../flows/flow.ts';
import type { RecipeName } from '../flows/recipes/index.ts';
import type { Gate } from '../guilds/gate.ts';
import type { Languages } from '../guilds/languages.ts';
import type { Ledger } from '../guilds/ledger.ts';
import type { RaiseRequests } from '../guilds/raiseRequests.ts';
import type { GuildSettings } from '../guilds/settings.ts';
import type { SpendLimits } from '../guilds/spendLimits.ts';
import type { Catalogue } from '../kubeez/catalogue.ts';
import type { Downloads } from '../kubeez/download.ts';
import type { Capability } from '../kubeez/tools.ts';
import type { Logger } from '../log.ts';
import type { Drafts } from '../state/drafts.ts';
import type { FlowsOfPeople } from '../state/flowsOfPeople.ts';
import type { Forgetting } from '../state/forgetting.ts';
import type { History } from '../state/history.ts';
import type { Popularity } from '../state/popularity.ts';
import type { Preferences } from '../state/preferences.ts';
import type { Draft } from './draft.ts';
import type { Field } from './forms.ts';
import type { Arrival } from './handler.ts';
import type { Request, Result } from './request.ts';

/** What commands are given to work with. */
export interface CommandParts {
  runner: Runner;
  records: FlowRecords;
  catalogue: Catalogue;
  accounts: Accounts;
  /** Signing in by browser, where the bot has an address for it. */
  oauth: OAuth | undefined;
  /** Whether servers can connect accounts of their own. */
  canConnect: boolean;
  popularity: Popularity;
  access: ChannelAccess;
  commandIds: CommandIds;
  preferences: Preferences;
  history: History;
  flowsOfPeople: FlowsOfPeople;
  forgetting: Forgetting;
  ledger: Ledger;
  guildSettings: GuildSettings;
  languages: Languages;
  raiseRequests: RaiseRequests;
  spendLimits: SpendLimits;
  gate: Gate;
  drafts: Drafts;
  messages: Messages;
  downloads: Downloads;
  /** Whether this process has a server; null: the DMs. */
  isOurs(guild: string | null): boolean;
  /** What people call a server. */
  guildName(guild: string): Promise<string>;
  /** What a person is called in a server, and what a channel is; undefined where that cannot be read. */
  personName(guild: string, person: string): Promise<string | undefined>;
  channelName(channel: string): Promise<string | undefined>;
  logChannel: LogChannel;
  drawer: Drawer;
  copies: Copies;
  unanswered: Unanswered;
  clock: Clock;
  /** The rules of the command that starts flows of this kind, if it has any of its own. */
  rulesOf(recipe: RecipeName): RequestRules | undefined;
  log: Logger;
}

/** The same, for one interaction. */
export interface Parts extends CommandParts, Arrival {
  /** Whose credits pay where the interaction came from; undefined when nobody's do. */
  payer: Payer | undefined;
}

/** How a kind of flow is asked for, where there is more to it than a model, a prompt and the model's options. */
export interface RequestRules {
  /** Checks what somebody typed. */
  check(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Result<Request>>;
  /** The lines of the form with which somebody changes a draft, at most five; the usual ones when left out. */
  fields?(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Field[]> | Field[];
  /** What Edit prompt asks about a finished flow; its prompt alone when left out. */
  again?: {
    fields(flow: Flow, parts: Parts): Field[];
    /** What was written into these lines. */
    draft(flow: Flow, interaction: ModalSubmitInteraction): Draft;
  };
}

/** One slash command: its description for Discord, and what it does. */
export interface Command {
  /** What a server must offer for it to be shown at all; it is always known, so that an older card still answers. */
  needs?: Capability;
  name: string;
  /** What Discord is told of it, in the language that is spoken. */
  define(): Omit<RESTPostAPIChatInputApplicationCommandsJSONBody, 'name'>;
  /** Of a command that starts flows: its own rules for what is typed. */
  rules?: RequestRules;
  /** Acknowledges as its first slow step. Throws only on a bug. */
  execute(interaction: ChatInputCommandInteraction, parts: Parts): Promise<void>;
  /** Answers from memory: Discord waits 3 seconds and no longer. */
  autocomplete?(interaction: AutocompleteInteraction, parts: ControlParts): Promise<void>;
  /** Takes a form the command has shown; `draft` is what was kept with it. */
  submit?(interaction: ModalSubmitInteraction, draft: string, parts: Parts): Promise<void>;
  /** Turns to another page of the list the command has shown, or narrows it. */
  turn?(interaction: ButtonInteraction | AnySelectMenuInteraction, page: PageButton, parts: Parts): Promise<void>;
  /** What the buttons, menus and forms on its own card do. */
  controls?: Controls;
}

/** What is known where only a card of one's own is worked on: nobody pays for that. */
export type ControlParts = CommandParts & Arrival;

/** Answers to what is on a command's own card. Their ids begin with the command's name; `key` is what follows. */
interface Controls {
  press(interaction: ButtonInteraction, key: string[], parts: ControlParts): Promise<void>;
  select?(interaction: AnySelectMenuInteraction, key: string[], parts: ControlParts): Promise<void>;
  submit?(interaction: ModalSubmitInteraction, key: string[], parts: ControlParts): Promise<void>;
}

/** What all commands share: they work in servers and in DMs with the bot. */
export const commandBase: Pick<RESTPostAPIChatInputApplicationCommandsJSONBody, 'contexts' | 'integration_types'> & {
  type: ApplicationCommandType.ChatInput;
} = {
  type: ApplicationCommandType.ChatInput,
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
  integration_types: [ApplicationIntegrationType.GuildInstall],
};

/** One entry of a message's menu (Apps →). */
export interface Menu {
  /** What Discord is told of it, in the language that is spoken. Discord names it by its English name. */
  define(): RESTPostAPIContextMenuApplicationCommandsJSONBody;
  execute(interaction: MessageContextMenuCommandInteraction, parts: Parts): Promise<void>;
}

/** Whatever somebody does that can lead to a new flow. */
export type StartInteraction =
  | ChatInputCommandInteraction
  | ButtonInteraction
  | StringSelectMenuInteraction
  | ModalSubmitInteraction
  | MessageContextMenuCommandInteraction;
