import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { ComponentType } from 'discord.js';
import express, { type Response as Answer, type Request } from 'express';
import { z } from 'zod';
import type { BotControl } from '../botProcess.ts';
import { channelTypes } from '../discord/channelTypes.ts';
import { linesOf } from '../discord/forms.ts';
import type { Form, Outcome } from '../discord/interactions.ts';
import { type Person, rowsOf, type Select, selectsOf, type Value } from '../discord/person.ts';
import type { Channel, Message } from '../discord/world.ts';
import { formOf } from '../form.ts';
import { usualPause } from '../panel/controls.ts';
import { Panel } from '../panel/panel.ts';
import type { Stage } from '../stage.ts';
import type { Place, Shown, ShownSelect, Answer as Told, View } from './protocol.ts';

/** The page as it was compiled, also when this runs from the sources. */
const here = fileURLToPath(
  new URL(import.meta.url.includes('/dist/') ? '../playground/web/' : '../../dist/playground/web/', import.meta.url),
);

/** Discord's numbers of options that take a channel or a role. */
const channelOption = 7;
const roleOption = 8;

/** Languages of Discord's app that the bot speaks, and one that it does not. */
const languages = ['en-US', 'de', 'fr', 'es-ES', 'pt-BR', 'ja', 'nl'] as const;

const valueSchema = z.record(z.string(), z.string());
const actionSchema = z.intersection(
  z.object({ as: z.string(), place: z.string() }),
  z.discriminatedUnion('do', [
    z.object({ do: z.literal('command'), command: z.string(), values: valueSchema }),
    z.object({
      do: z.literal('suggest'),
      command: z.string(),
      option: z.string(),
      typed: z.string(),
      values: valueSchema,
    }),
    z.object({ do: z.literal('press'), message: z.string(), button: z.string() }),
    z.object({ do: z.literal('select'), message: z.string(), select: z.string(), picked: z.array(z.string()) }),
    z.object({ do: z.literal('menu'), message: z.string(), entry: z.string() }),
    z.object({ do: z.literal('submit'), fields: valueSchema }),
    z.object({ do: z.literal('speak'), language: z.enum(languages) }),
  ]),
);
type Action = z.infer<typeof actionSchema>;

/**
 * Serves the page on loopback; resolves with its address.
 *
 * @param port 0 takes any free one
 * @param pause milliseconds until a bot that was killed on the page is started again by itself; null: it is not
 */
export async function serveWeb(
  stage: Stage,
  port: number,
  bot?: BotControl,
  pause: number | null = usualPause,
): Promise<{ address: string; close(): Promise<void> }> {
  const panel = new Panel(stage, bot, pause);
  const web = new Web(stage, bot);
  const app = express();
  app.disable('x-powered-by');
  app.use(express.raw({ type: () => true, limit: '100mb' }));
  app.use(express.static(here));
  app.use('/panel', panel.routes());
  app.get('/view', (request, answer) => void answer.json(web.view(String(request.query.as ?? ''))));
  app.get('/changes', (_, answer) => web.tellChanges(answer));
  app.post('/act', async (request, answer) => void answer.json(await web.act(request)));
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const chosen = typeof address === 'object' && address ? address.port : port;
  return {
    address: `http://127.0.0.1:${chosen}`,
    async close() {
      panel.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the page sees and does, in terms of the stand-in. */
class Web {
  readonly #stage: Stage;
  readonly #bot: BotControl | undefined;
  /** The form each person has before them, and the message it came from. */
  readonly #forms = new Map<string, { form: Form; source: Message | undefined }>();

  constructor(stage: Stage, bot: BotControl | undefined) {
    this.#stage = stage;
    this.#bot = bot;
  }

  view(as: string): View {
    const { discord, guild } = this.#stage;
    const person = this.#person(as);
    const { world, gateway } = discord;
    return {
      me: person.user,
      language: { now: person.user.locale, all: languages.map((id) => ({ id, name: nameOfLanguage(id) })) },
      people: [...guild.members].map((id) => ({ id, name: world.user(id).name, roles: this.#rolesOf(id) })),
      named: [...this.#choices(channelOption), ...this.#choices(roleOption)].map(({ name, value }) => ({
        id: value,
        name,
      })),
      server: guild.name,
      places: [...this.#channels().filter((one) => world.maySee(person.user, one)), world.dmWith(person.user)].map(
        (one) => this.#place(one, person),
      ),
      isBotHere: gateway.isListening(guild.id),
      process: !this.#bot ? 'none' : this.#bot.isRunning() ? 'running' : 'ended',
    };
  }

  /** What somebody is in the server, in words. */
  #rolesOf(id: string): string[] {
    const { managers, memberRoles, roles } = this.#stage.guild;
    const names = [...(memberRoles.get(id) ?? [])].flatMap((role) => roles.get(role)?.name ?? []);
    return [...(managers.has(id) ? ['Manages the server'] : []), ...names];
  }

  /** The server's channels, each before its threads. */
  #channels(): Channel[] {
    const { discord, guild } = this.#stage;
    const all = [...discord.world.channels.values()].filter((one) => one.guild === guild.id);
    const tops = all.filter(({ parent }) => parent === null);
    return tops.flatMap((top) => [top, ...all.filter(({ parent }) => parent === top.id)]);
  }

  /** Says that something changed, a few times a second at most. */
  tellChanges(answer: Answer): void {
    answer.set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).flushHeaders();
    let waiting: NodeJS.Timeout | undefined;
    const tell = () => {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        answer.write('data: changed\n\n');
      }, 60);
    };
    const { world } = this.#stage.discord;
    world.on('change', tell);
    answer.on('close', () => {
      world.off('change', tell);
      clearTimeout(waiting);
    });
  }

  async act(request: Request): Promise<Told> {
    const body = await formOf(request);
    const action = actionSchema.parse(JSON.parse(String(body?.get('action'))));
    const files: Record<string, Value> = {};
    for (const [name, file] of body ?? []) {
      if (typeof file !== 'string')
        files[name] = { name: file.name, type: file.type, data: Buffer.from(await file.arrayBuffer()) };
    }
    try {
      const outcome = await this.#do(action, files);
      if (outcome.type === 'form') this.#forms.set(action.as, { form: outcome.form, source: this.#sourceOf(action) });
      return told(outcome);
    } catch (error) {
      return { type: 'refused', problem: error instanceof Error ? error.message : String(error) };
    }
  }

  async #do(action: Action, files: Record<string, Value>): Promise<Outcome> {
    const { world } = this.#stage.discord;
    const person = this.#person(action.as);
    const channel = world.channel(action.place);
    switch (action.do) {
      case 'command':
        return this.#use(person, channel, action.command, action.values, files);
      case 'suggest': {
        const { command, options } = this.#meant(person, channel, action.command);
        const values = typedValues(options, action.values);
        const option = options.find(({ shown }) => shown === action.option)?.name ?? '';
        const choices = await person.suggestions(channel, command, option, action.typed, values);
        return choices ? { type: 'choices', choices } : { type: 'failed' };
      }
      case 'press':
        return person.pressRaw(world.message(channel.id, action.message), action.button);
      case 'select':
        return person.select(world.message(channel.id, action.message), action.select, action.picked);
      case 'menu':
        return person.menu(world.message(channel.id, action.message), this.#entryMeant(person, channel, action.entry));
      case 'submit': {
        const open = this.#forms.get(action.as);
        if (!open) throw new Error('That form is gone.');
        return person.submit(channel, open.form, action.fields, open.source);
      }
      case 'speak':
        person.user.locale = action.language;
        world.emit('change');
        return { type: 'updated' };
    }
  }

  #sourceOf(action: Action): Message | undefined {
    return action.do === 'press' ? this.#stage.discord.world.messages.get(action.message) : undefined;
  }

  #use(
    person: Person,
    channel: Channel,
    shown: string,
    texts: Record<string, string>,
    files: Record<string, Value>,
  ): Promise<Outcome> {
    const { command, options } = this.#meant(person, channel, shown);
    const given = Object.entries(files).map(([name, file]) => [options.find((one) => one.shown === name)?.name, file]);
    return person.command(channel, command, { ...typedValues(options, texts), ...Object.fromEntries(given) });
  }

  /** The command that somebody reads under this name, with its options as they read them. */
  #meant(person: Person, channel: Channel, shown: string): { command: string; options: MeantOption[] } {
    const own = person.commands(channel, person.user.locale);
    const index = own.findIndex(({ name }) => name === shown);
    const meant = person.commands(channel)[index];
    if (!meant) throw new Error(`No command is called /${shown}`);
    const options = meant.options.map(({ name, type }, at) => ({
      name,
      type,
      shown: own[index]?.options[at]?.name ?? name,
    }));
    return { command: meant.name, options };
  }

  #entryMeant(person: Person, channel: Channel, shown: string): string {
    const index = person.menus(channel, person.user.locale).findIndex(({ name }) => name === shown);
    return person.menus(channel)[index]?.name ?? shown;
  }

  #person(id: string): Person {
    const { discord, guild, ada } = this.#stage;
    return guild.members.has(id) ? discord.person(discord.world.user(id)) : ada;
  }

  #place(channel: Channel, person: Person): Place {
    const { world } = this.#stage.discord;
    const { locale } = person.user;
    const bases = person.commands(channel);
    const kind = channel.type === channelTypes.dm ? 'dm' : channel.type === channelTypes.thread ? 'thread' : 'channel';
    return {
      id: channel.id,
      name: kind === 'dm' ? world.bot.name : channel.name,
      kind,
      commands: person.commands(channel, locale).map((command, index) => ({
        ...command,
        base: bases[index]?.name ?? command.name,
        options: command.options.map((option) => ({
          ...option,
          choices: option.choices ?? this.#choices(option.type),
        })),
      })),
      menus: person.menus(channel, locale).map(({ name }) => name),
      fileLimit: world.fileLimit(channel),
      messages: person.sees(channel).map((message) => this.#shown(message, person)),
    };
  }

  /** What Discord's app lets people pick from. */
  #choices(type: number): { name: string; value: string }[] {
    const { guild, discord } = this.#stage;
    const named = (one: { id: string; name: string }) => ({ name: one.name, value: one.id });
    if (type === channelOption)
      return [...discord.world.channels.values()]
        .filter((channel) => channel.guild === guild.id && channel.type === channelTypes.text)
        .map(named);
    return type === roleOption ? [...guild.roles.values()].map(named) : [];
  }

  /** A select menu with what can be picked in it: Discord's app offers every role but that of everybody. */
  #select(select: Select): ShownSelect {
    const { type, custom_id: id, placeholder, min_values, max_values, default_values, options } = select;
    const chosen = [
      ...default_values.map((one) => one.id),
      ...options.filter((one) => one.default).map(({ value }) => value),
    ];
    const choices = type === ComponentType.StringSelect ? options : this.#pickable(type);
    return {
      id,
      label: placeholder,
      isMany: max_values > 1,
      mayBeEmpty: min_values === 0,
      choices: choices.map(({ label, description, value }) => ({
        label,
        description,
        value,
        isChosen: chosen.includes(value),
      })),
    };
  }

  #pickable(type: Select['type']): { label: string; description: string; value: string }[] {
    const { guild, discord } = this.#stage;
    if (type === ComponentType.UserSelect)
      return [...guild.members].map((id) => ({ label: discord.world.user(id).name, description: '', value: id }));
    return this.#choices(type === ComponentType.RoleSelect ? roleOption : channelOption)
      .filter(({ value }) => value !== guild.id)
      .map(({ name, value }) => ({ label: name, description: '', value }));
  }

  #answered(channel: string, id: string): Shown['replyTo'] {
    const { world } = this.#stage.discord;
    const answered = world.messages.get(id);
    if (!answered) return { id: null, channel, name: '', text: '' };
    const text = answered.content || answered.embeds[0]?.title || '';
    return { id, channel: answered.channel, name: world.user(answered.author).name, text: text.slice(0, 80) };
  }

  #shown(message: Message, person: Person): Shown {
    const { world } = this.#stage.discord;
    const { id, name, bot } = world.user(message.author);
    const { usedBy } = message;
    const rows = rowsOf(message).map((row) =>
      row.map(({ custom_id: id = '', url = '', label, disabled, style }) => ({
        id,
        url,
        label,
        disabled,
        style: Number(style),
      })),
    );
    return {
      id: message.id,
      author: { id, name, bot },
      content: message.content,
      embeds: message.embeds,
      selects: selectsOf(message).map((select) => this.#select(select)),
      rows: rows.filter((row) => row.length > 0),
      attachments: message.attachments,
      usedBy: usedBy && { name: world.user(usedBy.user).name, command: usedBy.command },
      replyTo: message.replyTo === null ? null : this.#answered(message.channel, message.replyTo),
      isPrivate: message.ephemeralFor !== null,
      isThinking: message.isThinking,
      mentionsMe: message.mentions.includes(person.user.id),
      at: message.createdAt,
    };
  }
}

function told(outcome: Outcome): Told {
  if (outcome.type === 'choices') return outcome;
  if (outcome.type !== 'form') return { type: outcome.type };
  return { type: 'form', form: { title: outcome.form.title, lines: linesOf(outcome.form) } };
}

/** An option as it is registered, and as somebody reads it. */
interface MeantOption {
  name: string;
  type: number;
  shown: string;
}

/** Texts of the page as the values their options want. */
function typedValues(options: MeantOption[], texts: Record<string, string>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([shown, text]) => {
      const option = options.find((one) => one.shown === shown);
      if (!option) return [];
      const { name, type } = option;
      return [[name, type === 4 ? Number(text) : type === 5 ? text === 'true' : text] as const];
    }),
  );
}

/** What a language calls itself. */
const nameOfLanguage = (code: string) => new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code;
