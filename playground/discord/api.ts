import express, { type Response as Answer, type Express, type Request } from 'express';
import { z } from 'zod';
import { formOf } from '../form.ts';
import { isThread } from './channelTypes.ts';
import { conform, parse, schemas } from './checks.ts';
import { checkCommands, withoutLocalisations } from './commandChecks.ts';
import { Refusal, refusals } from './errors.ts';
import type { Gateway } from './gateway.ts';
import type { Interactions } from './interactions.ts';
import { channelJson, guildJson, memberJson, messageJson, userJson } from './json.ts';
import { permissionBits } from './permissions.ts';
import { editMessage, mayWrite, postMessage, type UploadedFile } from './posts.ts';
import { Buckets, type Rates } from './rates.ts';
import type { World } from './world.ts';

/** A fault to come: the next requests that fit are not answered as they should be. */
export interface Fault {
  /** Tested against `METHOD /path`, the path without `/api/v10`. */
  match: RegExp;
  /** HTTP status to answer with; `cut` breaks the connection instead, `hang` never answers. */
  answer: number | 'cut' | 'hang';
  /** The request takes effect although its answer is lost. */
  takesEffect?: boolean;
  times: number;
}

/** A request of the bot, as tests look at it. */
export interface Logged {
  method: string;
  path: string;
  status: number;
}

interface Body {
  json: unknown;
  files: UploadedFile[];
}

/** A request, however it came; the path without `/api/v10`. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  /** The header of that name. */
  authorization: string | undefined;
  body(): Body | Promise<Body>;
}

/** How it is answered: no content where `json` is undefined. */
export interface Answered {
  status: number;
  headers: Record<string, string>;
  json: unknown;
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Who may call a route, and in which bucket it counts. */
interface Rules {
  open?: boolean;
  bucket?: 'create' | 'edit' | 'webhook';
}

interface Route {
  method: string;
  /** The pieces of its path; those with a colon stand for anything. */
  pieces: string[];
  rules: Rules;
  answerOf(params: Record<string, string>, body: Body, query: URLSearchParams): unknown;
}

export interface ApiParts {
  world: World;
  gateway: Pick<Gateway, 'identified' | 'recommendedShards' | 'maxConcurrency'>;
  interactions: Interactions;
  token: string;
  rates: Rates;
}

const hour = 3_600_000;
const recipientSchema = z.object({ recipient_id: z.string() });

/** Discord's REST API, version 10, as far as the bot uses it: everything else is a 404. */
export class Api {
  readonly faults: Fault[] = [];
  readonly requests: Logged[] = [];
  rates: Rates;
  /** Holds a request back before it takes effect, for as long as what it gives is not resolved. */
  gate: ((method: string, path: string) => Promise<void> | undefined) | undefined;
  readonly #commands = new Map<string, object[]>();
  readonly #buckets = new Buckets();
  readonly #routes: Route[] = [];
  readonly #parts: ApiParts;

  constructor(parts: ApiParts) {
    this.#parts = parts;
    this.rates = parts.rates;
    this.#addRoutes();
  }

  /** The same over HTTP, and the files of messages. */
  httpApp(): Express {
    const app = express();
    app.disable('x-powered-by');
    app.disable('etag');
    app.use(express.raw({ type: () => true, limit: '600mb' }));
    app.get(
      '/attachments/:channel/:id/:name',
      (request, answer, next) => this.#sabotage(request, answer, next),
      (request, answer) => this.#file(request, answer),
    );
    app.use(
      '/api/v10',
      (request, answer, next) => this.#sabotage(request, answer, next),
      (request, answer) => this.#overHttp(request, answer),
    );
    return app;
  }

  /** The registered commands of a server and the global ones. */
  commandsFor(guild: string | null): object[] {
    return [...(this.#commands.get('global') ?? []), ...(guild ? (this.#commands.get(guild) ?? []) : [])];
  }

  /** Answers a request. Never throws. */
  async answer(asked: Asked): Promise<Answered> {
    const answered = await this.#answer(asked).catch(refusalOf);
    this.requests.push({ method: asked.method, path: asked.path, status: answered.status });
    return answered;
  }

  async #answer({ method, path, query, authorization, body }: Asked): Promise<Answered> {
    const pieces = path.split('/');
    const route = this.#routes.find((one) => one.method === method && fits(one.pieces, pieces));
    if (!route) throw refusals.notFound();
    const { rules, answerOf } = route;
    if (!rules.open && authorization !== `Bot ${this.#parts.token}`) throw refusals.unauthorized();
    const params = paramsOf(route.pieces, pieces);
    const { headers, refusal } = this.#room(rules, params);
    if (refusal) return refusal;
    const sent = await body();
    await this.gate?.(method, path);
    const json = answerOf(params, sent, query);
    return { status: json === undefined ? 204 : 200, headers, json };
  }

  async #overHttp(request: Request, answer: Answer): Promise<void> {
    const answered = await this.answer({
      method: request.method,
      path: request.path,
      query: new URL(request.originalUrl, 'http://local').searchParams,
      authorization: request.headers.authorization,
      body: () => bodyOf(request),
    });
    if (answer.headersSent || answer.destroyed) return;
    const { status, headers, json } = answered;
    if (status < 400 && answer.locals.spoil) answer.locals.spoil();
    else if (json === undefined) answer.status(status).set(headers).end();
    else answer.status(status).set(headers).json(json);
  }

  #addRoutes(): void {
    const { world, gateway, interactions } = this.#parts;
    this.#on('get', '/gateway/bot', {}, () => ({
      url: world.gatewayAddress,
      shards: gateway.recommendedShards,
      session_start_limit: {
        total: 1000,
        remaining: 1000 - gateway.identified,
        reset_after: 86_400_000,
        max_concurrency: gateway.maxConcurrency,
      },
    }));
    this.#on('get', '/users/:user', {}, ({ user }) => userJson(user === '@me' ? world.bot : world.user(user ?? '')));
    this.#on('get', '/users/@me/guilds', {}, () =>
      world
        .guildsOfBot()
        .slice(0, 200)
        .map((guild) => ({
          id: guild.id,
          name: guild.name,
          icon: null,
          owner: false,
          permissions: String(world.permissionsIn(guild)),
          features: [],
        })),
    );
    this.#on('get', '/applications/@me', {}, () => ({ id: world.bot.id, name: world.bot.name, flags: 0 }));

    this.#on('get', '/guilds/:guild', {}, ({ guild = '' }) => guildJson(world.guildOfBot(guild)));
    this.#on('get', '/guilds/:guild/roles', {}, ({ guild = '' }) => guildJson(world.guildOfBot(guild)).roles);
    this.#on('get', '/guilds/:guild/members/:user', {}, ({ guild = '', user = '' }) => {
      const known = world.guildOfBot(guild);
      if (user !== world.bot.id && !known.members.has(user)) throw refusals.unknownMember();
      return memberJson(world.user(user), known);
    });
    for (const path of ['/applications/:app/commands', '/applications/:app/guilds/:guild/commands']) {
      this.#on('get', path, {}, ({ guild = 'global' }, _, query) => {
        const commands = this.#commands.get(guild) ?? [];
        return query.get('with_localizations') === 'true' ? commands : commands.map(withoutLocalisations);
      });
      this.#on('put', path, {}, ({ guild = 'global' }, { json }) => {
        const commands = checkCommands(json).map((command) => ({
          ...z.looseObject({}).parse(command),
          id: world.snowflake(),
          application_id: world.bot.id,
          version: world.snowflake(),
        }));
        this.#commands.set(guild, commands);
        world.changed();
        return commands;
      });
    }

    this.#on('post', '/users/@me/channels', {}, (_, { json }) => {
      conform(schemas.dm, json);
      return channelJson(world.dmWith(world.user(parse(recipientSchema, json).recipient_id)), world);
    });
    // A channel the bot cannot see is told to it no more than it is to people.
    const seen = (id: string) => {
      const channel = world.channel(id);
      if (channel.guild && !(world.permissions(channel) & permissionBits.ViewChannel)) throw refusals.missingAccess();
      return channel;
    };
    this.#on('get', '/channels/:channel', {}, ({ channel = '' }) => channelJson(seen(channel), world));
    this.#on('get', '/channels/:channel/thread-members/:user', {}, ({ channel = '', user = '' }) => {
      const thread = seen(channel);
      if (!isThread(thread) || !thread.members.has(user)) throw refusals.unknownMember();
      return { id: thread.id, user_id: user, join_timestamp: new Date(0).toISOString(), flags: 0 };
    });
    this.#on('get', '/channels/:channel/messages/:message', {}, ({ channel = '', message = '' }) => {
      const place = world.channel(channel);
      mayWrite(world, place, false, false);
      const mayRead = (world.permissions(place) & permissionBits.ReadMessageHistory) !== 0n;
      if (place.guild && !mayRead) throw refusals.missingPermissions();
      return messageJson(world.message(channel, message), world);
    });
    this.#on('get', '/channels/:channel/messages', {}, ({ channel = '' }, _, query) => {
      const place = seen(channel);
      const mayRead = (world.permissions(place) & permissionBits.ReadMessageHistory) !== 0n;
      // Who may not read back gets none, without an error (docs: resources/message, Get Channel Messages).
      const all = place.guild && !mayRead ? [] : world.messagesIn(channel).filter((one) => one.ephemeralFor === null);
      const limit = Number(query.get('limit') ?? 50);
      return all
        .slice(-limit)
        .reverse()
        .map((message) => messageJson(message, world));
    });
    this.#on('post', '/channels/:channel/messages', { bucket: 'create' }, ({ channel = '' }, { json, files }) => {
      conform(schemas.message, json);
      const place = world.channel(channel);
      mayWrite(world, place, true, files.length > 0);
      return messageJson(postMessage(world, json, files, { channel: place, author: world.bot.id }), world);
    });
    this.#on(
      'patch',
      '/channels/:channel/messages/:message',
      { bucket: 'edit' },
      ({ channel = '', message = '' }, { json, files }) => {
        conform(schemas.edit, json);
        mayWrite(world, world.channel(channel), false, files.length > 0);
        const known = world.message(channel, message);
        if (known.author !== world.bot.id) throw refusals.notTheAuthor();
        // A private answer exists for its interaction alone.
        if (known.ephemeralFor) throw refusals.unknownMessage();
        editMessage(world, known, json, files);
        return messageJson(known, world);
      },
    );
    this.#on('delete', '/channels/:channel/messages/:message', {}, ({ channel = '', message = '' }) => {
      const known = world.message(channel, message);
      mayWrite(world, world.channel(channel), false, false);
      if (known.ephemeralFor) throw refusals.unknownMessage();
      world.messages.delete(known.id);
      world.changed();
      return undefined;
    });

    this.#on(
      'post',
      '/interactions/:id/:token/callback',
      { open: true },
      ({ id = '', token = '' }, { json, files }, query) => {
        const message = interactions.answer(id, token, json, files);
        if (query.get('with_response') !== 'true') return undefined;
        return {
          interaction: { id, type: 2, response_message_id: message?.id },
          // Promised for answers that show a message; a deferred one has to be fetched.
          ...(message && !message.isThinking ? { resource: { type: 4, message: messageJson(message, world) } } : {}),
        };
      },
    );
    this.#on('post', '/webhooks/:app/:token', { open: true, bucket: 'webhook' }, ({ token = '' }, { json, files }) => {
      conform(schemas.followUp, json);
      const { interaction, fill } = interactions.open(token);
      if (!interaction.isAnswered) throw refusals.unknownWebhook();
      const thinking = interaction.original ? world.messages.get(interaction.original) : undefined;
      if (thinking?.isThinking) {
        editMessage(world, thinking, json, files);
        return messageJson(thinking, world);
      }
      const place = { channel: interaction.channel, author: world.bot.id, ephemeralFor: interaction.user.id };
      const message = postMessage(world, json, files, place);
      fill(message);
      return messageJson(message, world);
    });
    const original = '/webhooks/:app/:token/messages/:message';
    const find = (token: string, id: string) => {
      const { interaction } = interactions.open(token);
      const key = id === '@original' ? interaction.original : id;
      return world.message(interaction.channel.id, key ?? '');
    };
    this.#on('get', original, { open: true, bucket: 'webhook' }, ({ token = '', message = '' }) =>
      messageJson(find(token, message), world),
    );
    this.#on('patch', original, { open: true, bucket: 'webhook' }, ({ token = '', message = '' }, { json, files }) => {
      conform(schemas.answerEdit, json);
      const known = find(token, message);
      editMessage(world, known, json, files);
      return messageJson(known, world);
    });
  }

  /** Adds a route; undefined is answered with 204. */
  #on(method: Method, path: string, rules: Rules, answerOf: Route['answerOf']): void {
    this.#routes.push({ method: method.toUpperCase(), pieces: path.split('/'), rules, answerOf });
  }

  /** Takes a request from its buckets: the headers that say how full they are, or the refusal when they are. */
  #room(
    { open: isOpen = false, bucket: kind }: Rules,
    params: Record<string, string>,
  ): { headers: Record<string, string>; refusal?: Answered } {
    const { world } = this.#parts;
    if (!isOpen) {
      const all = this.#buckets.take('global', this.rates.global);
      if (!all.ok) return { headers: {}, refusal: tooFast({ 'x-ratelimit-global': 'true' }, all.retryAfter, 'global') };
    }
    if (!kind) return { headers: {} };
    const message = world.messages.get(params.message ?? '');
    const isOld = kind === 'edit' && message && world.clock.now() - message.createdAt > hour;
    if (isOld) {
      const old = this.#buckets.take(`old:${params.channel}`, this.rates.oldEdits);
      if (!old.ok) return { headers: {}, refusal: tooFast(old.headers, old.retryAfter, 'user', 30046) };
    }
    const rate = kind === 'webhook' ? this.rates.webhook : this.rates.channel;
    const { ok, headers, retryAfter } = this.#buckets.take(`${kind}:${params.channel ?? params.token}`, rate);
    return ok ? { headers } : { headers, refusal: tooFast(headers, retryAfter, 'user') };
  }

  #sabotage(request: Request, answer: Answer, next: () => void): void {
    const fault = this.faults.find((one) => one.times > 0 && one.match.test(`${request.method} ${request.path}`));
    if (!fault) {
      next();
      return;
    }
    fault.times--;
    const spoil = () => {
      if (fault.answer === 'cut') request.socket.destroy();
      else if (fault.answer === 'hang') return;
      else if (fault.answer === 429) {
        const { status, headers, json } = tooFast({}, 0.3, 'user');
        answer.status(status).set(headers).json(json);
      } else answer.status(fault.answer).json({ message: `${fault.answer}: made to fail`, code: 0 });
    };
    if (!fault.takesEffect) {
      spoil();
      return;
    }
    answer.locals.spoil = spoil;
    next();
  }

  #file(request: Request, answer: Answer): void {
    const { world } = this.#parts;
    const file = world.files.get(String(request.params.id));
    const expiresAt = Number.parseInt(String(request.query.ex), 16) * 1000;
    // An address that says no time was never signed.
    if (!file || !(expiresAt >= world.clock.now())) {
      answer.status(404).type('text').send('This content is no longer available.');
      return;
    }
    answer.set({ 'content-type': file.type, 'access-control-allow-origin': '*', 'accept-ranges': 'bytes' });
    const range = request.range(file.data.length);
    const [part] = Array.isArray(range) && range.type === 'bytes' ? range : [];
    if (range === -1) answer.status(416).set('content-range', `bytes */${file.data.length}`).end();
    else if (part)
      answer
        .status(206)
        .set('content-range', `bytes ${part.start}-${part.end}/${file.data.length}`)
        .send(file.data.subarray(part.start, part.end + 1));
    else answer.send(file.data);
  }
}

function tooFast(headers: Record<string, string>, retryAfter: number, scope: string, code = 0): Answered {
  return {
    status: 429,
    headers: { ...headers, 'x-ratelimit-scope': scope, 'retry-after': String(Math.ceil(retryAfter)) },
    json: { message: 'You are being rate limited.', retry_after: retryAfter, global: scope === 'global', code },
  };
}

function refusalOf(error: unknown): Answered {
  if (error instanceof Refusal) {
    const { status, code, message, errors } = error;
    return { status, headers: {}, json: { message, code, ...(errors ? { errors } : {}) } };
  }
  console.error('discord stand-in:', error);
  return { status: 500, headers: {}, json: { message: '500: Internal Server Error', code: 0 } };
}

const fits = (wanted: string[], pieces: string[]) =>
  wanted.length === pieces.length && wanted.every((piece, at) => piece.startsWith(':') || piece === pieces[at]);

const paramsOf = (wanted: string[], pieces: string[]) =>
  Object.fromEntries(
    wanted.flatMap((piece, at) =>
      piece.startsWith(':') ? [[piece.slice(1), decodeURIComponent(pieces[at] ?? '')]] : [],
    ),
  );

/** Reads JSON or multipart (`payload_json` and `files[n]`). */
async function bodyOf(request: Request): Promise<Body> {
  const bytes: unknown = request.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return { json: undefined, files: [] };
  const form = await formOf(request);
  if (!form) return { json: fromJson(bytes.toString()), files: [] };
  return inForm(form);
}

/**
 * What a multipart body holds.
 *
 * @param bytesOf reads a file of it
 */
export async function inForm(form: FormData, bytesOf = bytesIn): Promise<Body> {
  const files: UploadedFile[] = [];
  for (const [field, value] of form) {
    const index = /^files\[(\d+)\]$/.exec(field)?.[1];
    if (index === undefined || typeof value === 'string') continue;
    files.push({ index, name: value.name, data: await bytesOf(value), type: typeByName(value.name) });
  }
  return { json: fromJson(String(form.get('payload_json') ?? '{}')), files };
}

const bytesIn = async (file: Blob) => Buffer.from(await file.arrayBuffer());

/** What long bodies held, by their text: a bot sends the same list of commands at every start. Nobody changes it. */
const longBodies = new Map<string, unknown>();
const long = 50_000;

/** What a body of JSON holds. */
export function fromJson(text: string): unknown {
  if (text.length <= long) return parsed(text);
  const json = longBodies.get(text) ?? parsed(text);
  longBodies.set(text, json);
  if (longBodies.size > 20) longBodies.clear();
  return json;
}

function parsed(text: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refusals.invalidJson();
  }
  if ((!text.isWellFormed() || escapedHalf.test(text)) && hasLoneSurrogate(json)) throw refusals.invalidJson();
  return json;
}

/** What half a character looks like in JSON when it is not written as itself. */
const escapedHalf = /\\u[dD]/;

/** Half a character, as is left where a text was cut in the middle of an emoji: not Unicode, so not JSON to Discord. */
function hasLoneSurrogate(value: unknown): boolean {
  if (typeof value === 'string') return !value.isWellFormed();
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).flat().some(hasLoneSurrogate);
}

const types: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  mp4: 'video/mp4',
  webm: 'video/webm',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  srt: 'application/x-subrip',
  vtt: 'text/vtt',
  txt: 'text/plain',
};

const typeByName = (name: string) => types[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';
