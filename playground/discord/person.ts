import { ComponentType } from 'discord.js';
import { z } from 'zod';
import { localised } from './commandChecks.ts';
import { filledIn } from './forms.ts';
import type { Form, Interactions, Outcome } from './interactions.ts';
import { channelJson, messageJson, roleJson, userJson } from './json.ts';
import { tooPowerful } from './limits.ts';
import { postMessage } from './posts.ts';
import type { Channel, Message, User, World } from './world.ts';

/** A file somebody picks on their computer. */
export interface PickedFile {
  name: string;
  data: Buffer;
  type: string;
}

export type Value = string | number | boolean | PickedFile;

const optionSchema = z.looseObject({
  type: z.number(),
  name: z.string(),
  description: z.string(),
  required: z.boolean().default(false),
  autocomplete: z.boolean().default(false),
  min_length: z.number().optional(),
  max_length: z.number().optional(),
  min_value: z.number().optional(),
  max_value: z.number().optional(),
  choices: z.array(z.object({ name: z.string(), value: z.union([z.string(), z.number()]) })).optional(),
  /** Of a subcommand. */
  get options() {
    return z.array(optionSchema).optional();
  },
});

const definitionSchema = z.looseObject({
  id: z.string(),
  type: z.number().default(1),
  name: z.string(),
  description: z.string().default(''),
  options: z.array(optionSchema).default([]),
  /** What somebody must be allowed for the command to be shown; as Discord's bit set. */
  default_member_permissions: z.string().nullish(),
  /** Where it is shown: 0 in servers, 1 in the bot's DMs; everywhere when left out. */
  contexts: z.array(z.number()).nullish(),
});

export type CommandDefinition = z.infer<typeof definitionSchema>;
type OptionDefinition = z.infer<typeof optionSchema>;

const buttonSchema = z.looseObject({
  type: z.literal(ComponentType.Button),
  label: z.string().default(''),
  custom_id: z.string().optional(),
  url: z.string().optional(),
  disabled: z.boolean().default(false),
});
const rowSchema = z.looseObject({ components: z.array(z.unknown()) });

export type Button = z.infer<typeof buttonSchema>;

/** Commands somebody can use in a place, as registered: those of the server and the global ones. */
export type CommandList = (guild: string | null) => object[];

const optionTypes = {
  subcommand: 1,
  text: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  role: 8,
  attachment: 11,
} as const;
const commandTypes = { slash: 1, message: 3 };

/** Somebody at their Discord: does what a person can do there, and sees what that person would see. */
export class Person {
  readonly user: User;
  readonly #world: World;
  readonly #interactions: Interactions;
  readonly #commands: CommandList;

  constructor(user: User, world: World, interactions: Interactions, commands: CommandList) {
    this.user = user;
    this.#world = world;
    this.#interactions = interactions;
    this.#commands = commands;
  }

  /**
   * The commands that appear after typing `/`; a command with parts appears once for each: `budget show`.
   *
   * @param locale in which they are named; as they are registered when left out
   */
  commands(channel: Channel, locale?: string): CommandDefinition[] {
    return this.#slashCommands(channel, locale).filter((command) => this.#isShown(channel, command));
  }

  /** The entries of a message's menu (Apps →). */
  menus(channel: Channel, locale?: string): CommandDefinition[] {
    return this.#definitions(channel, locale).filter(
      (command) => command.type === commandTypes.message && this.#isShown(channel, command),
    );
  }

  /** Writes a message, perhaps with files. */
  write(channel: Channel, content: string, files: PickedFile[] = []): Message {
    for (const file of files) this.#checkSize(channel, file);
    const uploaded = files.map(({ name, data, type }, index) => ({ index: String(index), name, data, type }));
    return postMessage(this.#world, { content }, uploaded, { channel, author: this.user.id });
  }

  /** Forwards a message to a channel. */
  forward(message: Message, channel: Channel): Message {
    const forwarded = structuredClone(message);
    return postMessage(this.#world, {}, [], { channel, author: this.user.id, forwarded });
  }

  /** Picks an entry of a message's menu. */
  menu(message: Message, name: string): Promise<Outcome> {
    const channel = this.#world.channel(message.channel);
    const definition = this.menus(channel).find((menu) => menu.name === name);
    if (!definition) throw new Error(`No menu has “${name}”`);
    const messages = { [message.id]: messageJson(message, this.#world) };
    const data = { id: definition.id, name, type: commandTypes.message, target_id: message.id, resolved: { messages } };
    return this.#interactions.begin(this.user, channel, 2, data, { command: name });
  }

  #slashCommands(channel: Channel, locale?: string): CommandDefinition[] {
    return this.#definitions(channel, locale)
      .filter(({ type }) => type === commandTypes.slash)
      .flatMap(partsOf);
  }

  #definitions(channel: Channel, locale?: string): CommandDefinition[] {
    const context = channel.guild ? 0 : 1;
    return this.#commands(channel.guild)
      .map((command) => shownAs(command, locale))
      .filter(({ contexts }) => contexts?.includes(context) ?? true);
  }

  /** Whether a command is shown to this person, as long as the server's settings do not say otherwise. */
  #isShown(channel: Channel, { default_member_permissions: needed }: CommandDefinition): boolean {
    if (!channel.guild || typeof needed !== 'string') return true;
    return (this.#world.permissionsOf(this.user, channel) & BigInt(needed)) === BigInt(needed);
  }

  /** Discord's app refuses a file over the place's limit before it sends anything. */
  #checkSize(channel: Channel, file: PickedFile): void {
    const limit = this.#world.fileLimit(channel);
    if (file.data.length > limit) throw new Error(tooPowerful(limit));
  }

  /** Uses a command. Throws what Discord's app would not let anybody send. */
  command(channel: Channel, name: string, values: Record<string, Value> = {}): Promise<Outcome> {
    const definition = this.#definition(channel, name);
    for (const option of definition.options) checkValue(option, values[option.name]);
    for (const value of Object.values(values)) if (typeof value === 'object') this.#checkSize(channel, value);
    return this.#send(channel, definition, values, 2);
  }

  /** Types into an option and gets its suggestions. */
  async suggestions(channel: Channel, name: string, option: string, typed: string, values: Record<string, Value> = {}) {
    const definition = this.#definition(channel, name);
    const outcome = await this.#send(channel, definition, { ...values, [option]: typed }, 4, option);
    return outcome.type === 'choices' ? outcome.choices : undefined;
  }

  /** Presses a button, found by its id or the beginning of its label. */
  press(message: Message, label: string): Promise<Outcome> {
    const button = buttonsOf(message).find((one) => one.custom_id === label || one.label.startsWith(label));
    if (!button?.custom_id || button.disabled) throw new Error(`There is no button “${label}” to press`);
    return this.pressRaw(message, button.custom_id);
  }

  /** Presses a button that may no longer be there: the app of somebody else lags behind. */
  pressRaw(message: Message, customId: string): Promise<Outcome> {
    const channel = this.#world.channel(message.channel);
    const data = { component_type: ComponentType.Button, custom_id: customId };
    return this.#interactions.begin(this.user, channel, 3, data, { source: message });
  }

  /** Picks values of a select menu, by its id: texts, or the ids of roles and channels. */
  select(message: Message, customId: string, values: string[]): Promise<Outcome> {
    const channel = this.#world.channel(message.channel);
    const type = selectsOf(message).find(({ custom_id }) => custom_id === customId)?.type ?? ComponentType.StringSelect;
    const resolved = {
      ...(type === ComponentType.UserSelect
        ? { users: Object.fromEntries(values.map((id) => [id, userJson(this.#world.user(id))])) }
        : {}),
      ...(type === ComponentType.RoleSelect
        ? { roles: Object.fromEntries(values.map((id) => [id, roleJson(...this.#role(channel, id))])) }
        : {}),
      ...(type === ComponentType.ChannelSelect
        ? { channels: Object.fromEntries(values.map((id) => [id, channelJson(this.#world.channel(id), this.#world)])) }
        : {}),
    };
    const data = { component_type: type, custom_id: customId, values, resolved };
    return this.#interactions.begin(this.user, channel, 3, data, { source: message });
  }

  /** Fills in a form and sends it off. Throws what Discord's app would not let anybody send. */
  submit(channel: Channel, form: Form, values: Record<string, string> = {}, source?: Message): Promise<Outcome> {
    const data = { custom_id: form.custom_id, components: filledIn(form, values), resolved: {} };
    return this.#interactions.begin(this.user, channel, 5, data, source ? { source } : {});
  }

  /** What this person sees in a channel. */
  sees(channel: Channel): Message[] {
    return this.#world.maySee(this.user, channel) ? this.#world.messagesIn(channel.id, this.user.id) : [];
  }

  /** What the bot wrote to this person alone. */
  directMessages(): Message[] {
    return this.#world.messagesIn(this.#world.dmWith(this.user).id);
  }

  #definition(channel: Channel, name: string): CommandDefinition {
    // A server's settings may give a command to anybody, so whoever uses it need not be shown it by default.
    const definition = this.#slashCommands(channel).find((command) => command.name === name);
    if (!definition) throw new Error(`There is no command /${name}`);
    return definition;
  }

  #role(channel: Channel, id: string): Parameters<typeof roleJson> {
    const guild = this.#world.guild(channel.guild ?? '');
    const role = guild.roles.get(id);
    if (!role) throw new Error('There is no such role');
    return [role, guild];
  }

  #send(
    channel: Channel,
    definition: CommandDefinition,
    values: Record<string, Value>,
    type: number,
    focused?: string,
  ) {
    const attachments: Record<string, unknown> = {};
    const users: Record<string, unknown> = {};
    const channels: Record<string, unknown> = {};
    const roles: Record<string, unknown> = {};
    const options = definition.options.flatMap((option) => {
      const value = values[option.name];
      if (value === undefined) return [];
      if (option.type === optionTypes.user) users[String(value)] = userJson(this.#world.user(String(value)));
      const id = String(value);
      if (option.type === optionTypes.channel) channels[id] = channelJson(this.#world.channel(id), this.#world);
      if (option.type === optionTypes.role) roles[id] = roleJson(...this.#role(channel, id));
      if (typeof value !== 'object') {
        return [{ type: option.type, name: option.name, value, ...(option.name === focused ? { focused: true } : {}) }];
      }
      const file = this.#world.keepFile(channel.id, value.name, value.data, value.type);
      attachments[file.id] = file;
      return [{ type: option.type, name: option.name, value: file.id }];
    });
    const [name = '', part] = definition.name.split(' ');
    const resolved = { attachments, users, channels, roles };
    const sent = part === undefined ? options : [{ type: optionTypes.subcommand, name: part, options }];
    const data = { id: definition.id, name, type: 1, options: sent, resolved };
    return this.#interactions.begin(this.user, channel, type, data, { command: definition.name });
  }
}

/** Commands as they are shown in each language: nobody changes them, and everybody looks at all of them. */
const shownCommands = new WeakMap<object, Map<string | undefined, CommandDefinition>>();

function shownAs(command: object, locale: string | undefined): CommandDefinition {
  const known = shownCommands.get(command) ?? new Map<string | undefined, CommandDefinition>();
  shownCommands.set(command, known);
  const shown = known.get(locale) ?? definitionSchema.parse(localised(command, locale));
  known.set(locale, shown);
  return shown;
}

/** The parts of a command as commands of their own, which is how people see them. */
function partsOf(command: CommandDefinition): CommandDefinition[] {
  const parts = command.options.filter(({ type }) => type === optionTypes.subcommand);
  if (parts.length === 0) return [command];
  return parts.map(({ name, description, options = [] }) => ({
    ...command,
    name: `${command.name} ${name}`,
    description,
    options,
  }));
}

const selectSchema = z.looseObject({
  type: z.union([
    z.literal(ComponentType.StringSelect),
    z.literal(ComponentType.UserSelect),
    z.literal(ComponentType.RoleSelect),
    z.literal(ComponentType.ChannelSelect),
  ]),
  custom_id: z.string(),
  placeholder: z.string().default(''),
  min_values: z.number().default(1),
  max_values: z.number().default(1),
  default_values: z.array(z.object({ id: z.string() })).default([]),
  /** Of a menu of texts. */
  options: z
    .array(
      z.object({
        label: z.string(),
        value: z.string(),
        description: z.string().default(''),
        default: z.boolean().default(false),
      }),
    )
    .default([]),
  /** Of a menu of channels: the types that can be picked. */
  channel_types: z.array(z.number()).default([]),
});
export type Select = z.infer<typeof selectSchema>;

/** The select menus a message shows. */
export const selectsOf = (message: Message) =>
  message.components.flatMap((row) => {
    const parsed = rowSchema.safeParse(row).data?.components ?? [];
    return parsed.flatMap((one) => selectSchema.safeParse(one).data ?? []);
  });

/** The buttons a message shows. */
export const buttonsOf = (message: Message): Button[] => rowsOf(message).flat();

/** The same, row by row. */
export function rowsOf(message: Message): Button[][] {
  return message.components.map((row) => {
    const parsed = rowSchema.safeParse(row);
    if (!parsed.success) return [];
    return parsed.data.components.flatMap((one) => {
      const button = buttonSchema.safeParse(one);
      return button.success ? [button.data] : [];
    });
  });
}

/** What Discord's app checks before it sends a command. */
function checkValue(option: OptionDefinition, value: Value | undefined): void {
  const problem = value === undefined ? option.required && 'this option is required' : problemOf(option, value);
  if (problem) throw new Error(`${option.name}: ${problem}`);
}

function problemOf(option: OptionDefinition, value: Value): string | undefined {
  switch (option.type) {
    case optionTypes.text:
      if (typeof value !== 'string') return 'must be a text';
      if (option.choices && !option.choices.some((choice) => choice.value === value))
        return 'is not one of the choices';
      if (value.length < (option.min_length ?? 0)) return 'too short';
      return value.length > (option.max_length ?? 6000) ? 'too long' : undefined;
    case optionTypes.integer:
      if (typeof value !== 'number' || !Number.isInteger(value)) return 'must be a whole number';
      if (value < (option.min_value ?? Number.MIN_SAFE_INTEGER)) return 'too small';
      return value > (option.max_value ?? Number.MAX_SAFE_INTEGER) ? 'too large' : undefined;
    case optionTypes.boolean:
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case optionTypes.user:
      return typeof value === 'string' ? undefined : 'must be somebody';
    case optionTypes.channel:
    case optionTypes.role:
      return typeof value === 'string' ? undefined : 'must be one of this server';
    case optionTypes.attachment:
      return typeof value === 'object' ? undefined : 'must be a file';
    default:
      return 'is of a kind this Discord does not know';
  }
}
