import { randomBytes } from 'node:crypto';
import type { APIModalInteractionResponseCallbackData } from 'discord.js';
import { z } from 'zod';
import { channelTypes } from './channelTypes.ts';
import { conformCallback, parse } from './checks.ts';
import { suggestionIssues } from './commandChecks.ts';
import { modalIssues } from './components.ts';
import { Refusal, refusals } from './errors.ts';
import type { Gateway } from './gateway.ts';
import { channelJson, memberJson, messageJson, userJson } from './json.ts';
import { editMessage, postMessage, type UploadedFile } from './posts.ts';
import type { Channel, Message, User, World } from './world.ts';

/** How Discord's app shows the answer to what somebody did. */
export type Outcome =
  | { type: 'message'; message: Message }
  | { type: 'updated' }
  | { type: 'choices'; choices: Choice[] }
  | { type: 'form'; form: Form }
  /** "The application did not respond." */
  | { type: 'failed' };

interface Choice {
  name: string;
  value: string | number;
}

export type Form = Pick<APIModalInteractionResponseCallbackData, 'title' | 'custom_id' | 'components'>;

interface Interaction {
  id: string;
  token: string;
  user: User;
  channel: Channel;
  command: string | null;
  /** The message whose button was pressed. */
  source: Message | null;
  /** Discord's number: 2 command, 3 button or select, 4 autocomplete, 5 form. */
  type: number;
  createdAt: number;
  isAnswered: boolean;
  /** The message with which it was answered. */
  original: string | null;
  settle(outcome: Outcome): void;
}

const firstAnswer = 3000;
const tokenLife = 15 * 60_000;
const ephemeral = 64;

const kinds = { command: 2, component: 3, autocomplete: 4, form: 5 };
const answers = { message: 4, later: 5, updateLater: 6, update: 7, choices: 8, form: 9 };

/** Which answers fit which interaction (docs: interactions/receiving-and-responding). */
const fitting: Record<number, number[]> = {
  [kinds.command]: [answers.message, answers.later, answers.form],
  [kinds.component]: [answers.message, answers.later, answers.updateLater, answers.update, answers.form],
  [kinds.autocomplete]: [answers.choices],
  [kinds.form]: [answers.message, answers.later],
};
/** A form that a message's button opened may change that message. */
const formOfMessage = [answers.message, answers.later, answers.updateLater, answers.update];

const formSchema = z.object({ title: z.string(), custom_id: z.string(), components: z.array(z.any()) });
const choicesSchema = z.object({
  choices: z.array(z.object({ name: z.string(), value: z.union([z.string(), z.number()]) })),
});
const flagsSchema = z.object({ flags: z.number().nullish() }).nullish();

/** Every interaction: handed to the bot over the gateway, answered once within 3 seconds, open for 15 minutes. */
export class Interactions {
  readonly #world: World;
  readonly #gateway: Pick<Gateway, 'dispatch'>;
  readonly #known = new Map<string, Interaction>();

  constructor(world: World, gateway: Pick<Gateway, 'dispatch'>) {
    this.#world = world;
    this.#gateway = gateway;
  }

  /** Sends an interaction to the bot and resolves with what Discord's app then shows. */
  begin(
    user: User,
    channel: Channel,
    type: number,
    data: object,
    extra: { command?: string; source?: Message } = {},
  ): Promise<Outcome> {
    const { clock } = this.#world;
    if (!this.#world.maySee(user, channel)) throw new Error(`${user.name} does not see #${channel.name}`);
    // What is left in a server that removed the bot is of no use to anybody.
    if (this.#world.guildOf(channel)?.hasBot === false) return Promise.resolve({ type: 'failed' });
    return new Promise((resolve) => {
      const interaction: Interaction = {
        id: this.#world.snowflake(),
        token: randomBytes(32).toString('base64url'),
        user,
        channel,
        command: extra.command ?? null,
        source: extra.source ?? null,
        type,
        createdAt: clock.now(),
        isAnswered: false,
        original: null,
        settle: resolve,
      };
      this.#known.set(interaction.id, interaction);
      const stop = clock.wakeAt(clock.now() + firstAnswer, () => resolve({ type: 'failed' }));
      interaction.settle = (outcome) => {
        stop();
        resolve(outcome);
      };
      this.#gateway.dispatch(channel.guild, 'INTERACTION_CREATE', this.#payload(interaction, type, data));
    });
  }

  /** The bot's first answer. */
  answer(id: string, token: string, body: unknown, files: UploadedFile[]): Message | undefined {
    const interaction = this.#known.get(id);
    const { clock } = this.#world;
    if (!interaction || interaction.token !== token) throw refusals.unknownInteraction();
    if (interaction.isAnswered) throw refusals.acknowledged();
    if (clock.now() - interaction.createdAt > firstAnswer) throw refusals.unknownInteraction();
    const { type, data } = conformCallback(body);
    checkFit(interaction, type, data, files);
    const message = this.#apply(interaction, type, data, files);
    interaction.isAnswered = true;
    return message;
  }

  /** The channel and person behind a token, while it is valid. */
  open(token: string): {
    interaction: Pick<Interaction, 'channel' | 'user' | 'original' | 'isAnswered'>;
    fill(message: Message): void;
  } {
    const interaction = [...this.#known.values()].find((one) => one.token === token);
    if (!interaction) throw refusals.unknownWebhook();
    if (this.#world.clock.now() - interaction.createdAt > tokenLife) throw refusals.tokenExpired();
    return {
      interaction,
      fill: (message) => {
        interaction.original ??= message.id;
      },
    };
  }

  /** Makes every token older than it is, so that tests need not wait. */
  age(milliseconds: number): void {
    for (const interaction of this.#known.values()) interaction.createdAt -= milliseconds;
  }

  #apply(interaction: Interaction, type: number, data: unknown, files: UploadedFile[]): Message | undefined {
    switch (type) {
      case answers.message:
      case answers.later:
        return this.#reply(interaction, type, data, files);
      case answers.updateLater:
      case answers.update: {
        if (!interaction.source) throw refusals.unknownMessage();
        if (type === answers.update) editMessage(this.#world, interaction.source, data ?? {}, files);
        interaction.original = interaction.source.id;
        interaction.settle({ type: 'updated' });
        return interaction.source;
      }
      case answers.choices: {
        const { choices } = parse(choicesSchema, data);
        const issues = suggestionIssues(choices, 'data.choices');
        if (issues.length > 0) throw refusals.invalid(issues);
        interaction.settle({ type: 'choices', choices });
        return undefined;
      }
      case answers.form: {
        const issues = modalIssues(data).map((one) => ({ ...one, path: `data.${one.path}` }));
        if (issues.length > 0) throw refusals.invalid(issues);
        interaction.settle({ type: 'form', form: parse(formSchema, data) });
        return undefined;
      }
      default:
        throw new Refusal(400, 50035, 'Invalid Form Body');
    }
  }

  #reply(interaction: Interaction, type: number, data: unknown, files: UploadedFile[]): Message {
    const { user, channel, command } = interaction;
    const isThinking = type === answers.later;
    const flags = parse(flagsSchema, data)?.flags ?? 0;
    // Of a defer only the ephemeral flag counts.
    const body = isThinking ? { flags: flags & ephemeral } : (data ?? {});
    const message = postMessage(this.#world, body, files, {
      channel,
      author: this.#world.bot.id,
      usedBy: command ? { user: user.id, command } : null,
      ephemeralFor: user.id,
      isThinking,
    });
    interaction.original = message.id;
    interaction.settle({ type: 'message', message });
    return message;
  }

  #payload(interaction: Interaction, type: number, data: object) {
    const { id, token, user, channel, source } = interaction;
    const world = this.#world;
    const person = userJson(user);
    return {
      id,
      application_id: world.bot.id,
      type,
      token,
      version: 1,
      data,
      channel: channelJson(channel, world),
      channel_id: channel.id,
      ...(channel.guild
        ? {
            guild_id: channel.guild,
            guild: { id: channel.guild, locale: world.guild(channel.guild).locale, features: [] },
            guild_locale: world.guild(channel.guild).locale,
            member: {
              ...memberJson(user, world.guild(channel.guild)),
              permissions: String(world.permissionsOf(user, channel)),
            },
          }
        : { user: person }),
      locale: user.locale,
      app_permissions: world.permissions(channel).toString(),
      attachment_size_limit: world.fileLimit(channel),
      entitlements: [],
      authorizing_integration_owners: { 0: channel.guild ?? '0' },
      context: channel.type === channelTypes.dm ? 1 : 0,
      ...(source ? { message: messageJson(source, world) } : {}),
    };
  }
}

/** Refuses an answer of a kind that this interaction does not take, and a deferred one that says something already. */
function checkFit({ type, source }: Interaction, answer: number, data: unknown, files: UploadedFile[]): void {
  const allowed = type === kinds.form && source ? formOfMessage : (fitting[type] ?? []);
  if (!allowed.includes(answer)) {
    const message = `Value must be one of {${allowed.join(', ')}}.`;
    throw refusals.invalid([{ path: 'type', code: 'BASE_TYPE_CHOICES', message }]);
  }
  if (answer !== answers.later && answer !== answers.updateLater) return;
  const names = Object.keys(z.looseObject({}).nullish().parse(data) ?? {});
  const foreign = names.filter((name) => answer === answers.updateLater || name !== 'flags');
  if (foreign.length > 0 || files.length > 0) {
    const path = `data.${foreign[0] ?? 'attachments'}`;
    throw refusals.invalid([{ path, code: 'BASE_TYPE_UNEXPECTED', message: 'A deferred answer has no contents' }]);
  }
}
