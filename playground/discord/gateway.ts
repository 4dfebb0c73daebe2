import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { newGuildJson, userJson } from './json.ts';
import { Buckets, type RateLimit } from './rates.ts';
import { type Guild, shardOf, type World } from './world.ts';

const guildsIntent = 1;
/** Members, presences and the content of messages: Discord grants them only to bots that asked for them. */
const privilegedIntents = (1 << 1) | (1 << 8) | (1 << 15);
const closeCodes = {
  decode: 4002,
  notAuthenticated: 4003,
  authentication: 4004,
  alreadyAuthenticated: 4005,
  tooManyEvents: 4008,
  badShard: 4010,
  shardingRequired: 4011,
  badVersion: 4012,
  badIntents: 4013,
  disallowedIntents: 4014,
};
/** What one connection may send. */
const eventRate: RateLimit = { limit: 120, window: 60_000 };

interface Session {
  id: string;
  shard: number;
  count: number;
  intents: number;
  socket: WebSocket | undefined;
  sequence: number;
  /** What was sent, for a resume. */
  sent: string[];
}

const payloadSchema = z.object({ op: z.number(), d: z.unknown() });
const identifySchema = z.object({
  token: z.string(),
  intents: z.number(),
  properties: z.looseObject({}),
  shard: z.tuple([z.number(), z.number()]).default([0, 1]),
});
const resumeSchema = z.object({ token: z.string(), session_id: z.string(), seq: z.number() });

/** The gateway: HELLO, IDENTIFY, READY, RESUME, heartbeats; each server's events go to its shard only. */
export class Gateway {
  readonly #world: World;
  readonly #token: string;
  readonly #sockets: WebSocketServer;
  readonly #sessions = new Map<string, Session>();
  /** How often bots identified, and resumed. */
  identified = 0;
  resumed = 0;
  /** Closes every connection that identifies with this code. */
  closeWith: number | undefined;
  /** Servers that one shard may have at most; above it Discord asks for more shards. */
  maxGuildsAShard = 2500;
  /** Servers for which Discord recommends one more shard. */
  recommendedGuildsAShard = 1000;
  /** How many shards may identify at the same time: those of different remainders. More than one only for the largest bots. */
  maxConcurrency = 1;
  /** As long as this is a list, connections are taken and not answered: they are put there. */
  held: Duplex[] | undefined;

  readonly #identifyRate: RateLimit;
  readonly #buckets = new Buckets();

  /** @param identifyRate how often bots may identify, for each of the shards that may do so at the same time */
  constructor(server: Server, world: World, token: string, identifyRate: RateLimit) {
    this.#world = world;
    this.#token = token;
    this.#identifyRate = identifyRate;
    this.#sockets = new WebSocketServer({
      server,
      verifyClient: ({ req }, done) => {
        if (!this.held) return done(true);
        this.held.push(req.socket);
        world.changed();
      },
    });
    this.#sockets.on('connection', (socket, request) => this.#greet(socket, request.url ?? '/'));
  }

  /** Whether a shard of the bot would hear of this place now. */
  isListening(guild: string | null): boolean {
    return this.#sessionsFor(guild).some(({ socket }) => socket !== undefined);
  }

  /**
   * Sends an event to every session of a server's shard (DMs: shard 0): two processes of one bot both get it. A session
   * whose connection broke gets it when it resumes.
   */
  dispatch(guild: string | null, type: string, data: unknown): void {
    for (const session of this.#sessionsFor(guild)) this.#send(session, type, data);
  }

  /** A server removes the bot, or invites it again: bots that asked for servers hear of it. */
  setMember(guild: Guild, hasBot: boolean): void {
    guild.hasBot = hasBot;
    this.#tellOf(guild, hasBot);
    this.#world.changed();
  }

  /** A server is away for a while, or back: an outage of Discord, not a removal. */
  setAvailable(guild: Guild, isAvailable: boolean): void {
    guild.isAvailable = isAvailable;
    this.#tellOf(guild, isAvailable, true);
  }

  #tellOf(guild: Guild, isThere: boolean, isOutage = false): void {
    const [type, data] = isThere
      ? ['GUILD_CREATE', newGuildJson(guild, this.#world)]
      : ['GUILD_DELETE', { id: guild.id, ...(isOutage ? { unavailable: true } : {}) }];
    for (const session of this.#sessionsFor(guild.id))
      if (session.intents & guildsIntent) this.#send(session, type, data);
  }

  /** Cuts every connection; bots may resume. `forget`: they must identify anew. */
  drop(forget = false): void {
    if (forget) this.#sessions.clear();
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  /** Asks every bot to reconnect (op 7). */
  askToReconnect(): void {
    for (const { socket } of this.#sessions.values()) socket?.send(JSON.stringify({ op: 7, d: null }));
  }

  /** Declares every session invalid (op 9), as Discord sometimes does right after a resume. */
  invalidate(): void {
    for (const { socket } of this.#sessions.values()) socket?.send(JSON.stringify({ op: 9, d: false }));
    this.#sessions.clear();
  }

  close(): void {
    this.drop(true);
    this.#sockets.close();
  }

  /** The sessions whose shard hears of this server: `(guild id >> 22) % count`. */
  #sessionsFor(guild: string | null): Session[] {
    return [...this.#sessions.values()].filter(({ shard, count }) => shard === shardOf(guild, count));
  }

  /** How many shards Discord would run a bot with, that is in so many servers. */
  get recommendedShards(): number {
    return Math.max(1, Math.ceil(this.#world.guildsOfBot().length / this.recommendedGuildsAShard));
  }

  #greet(socket: WebSocket, address: string): void {
    const version = new URL(address, 'ws://local').searchParams.get('v') ?? '10';
    if (version !== '10') return void socket.close(closeCodes.badVersion);
    let session: Session | undefined;
    const events = new Buckets();
    socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: 41_250 } }));
    socket.on('message', (data) => {
      const payload = payloadSchema.safeParse(fromJson(String(data)));
      if (!payload.success) return socket.close(closeCodes.decode);
      if (!events.take('sent', eventRate).ok) return socket.close(closeCodes.tooManyEvents);
      const { op, d } = payload.data;
      if (op === 1) return socket.send(JSON.stringify({ op: 11 }));
      if (op === 2 && session) socket.close(closeCodes.alreadyAuthenticated);
      else if (op === 2) session = this.#identify(socket, d);
      else if (op === 6) session = this.#resume(socket, d);
      else if (!session) socket.close(closeCodes.notAuthenticated);
    });
    socket.on('error', () => {});
    socket.on('close', (code) => {
      if (session?.socket !== socket) return;
      session.socket = undefined;
      // A bot that says goodbye ends its session; any other end leaves it open for a resume.
      if (code === 1000 || code === 1001) this.#sessions.delete(session.id);
      this.#world.changed();
    });
  }

  #identify(socket: WebSocket, data: unknown): Session | undefined {
    const identify = identifySchema.safeParse(data);
    if (!identify.success) return void socket.close(closeCodes.decode);
    const { token, intents, shard } = identify.data;
    if (this.closeWith !== undefined) return void socket.close(this.closeWith);
    if (token !== this.#token) return void socket.close(closeCodes.authentication);
    const [number, count] = shard;
    if (!shard.every(Number.isSafeInteger) || number < 0 || number >= count)
      return void socket.close(closeCodes.badShard);
    if (!Number.isSafeInteger(intents) || intents < 0) return void socket.close(closeCodes.badIntents);
    if (intents & privilegedIntents) return void socket.close(closeCodes.disallowedIntents);
    const guilds = this.#world.guildsOfBot().filter(({ id }) => shardOf(id, count) === number);
    if (guilds.length > this.maxGuildsAShard) return void socket.close(closeCodes.shardingRequired);
    if (!this.#buckets.take(`identify:${number % this.maxConcurrency}`, this.#identifyRate).ok) {
      socket.send(JSON.stringify({ op: 9, d: false }));
      return undefined;
    }
    this.identified++;
    const session: Session = {
      id: randomBytes(16).toString('hex'),
      shard: number,
      count,
      intents,
      socket,
      sequence: 0,
      sent: [],
    };
    this.#sessions.set(session.id, session);
    this.#send(session, 'READY', {
      v: 10,
      user: { ...userJson(this.#world.bot), verified: true, mfa_enabled: false, email: null, flags: 0 },
      guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: this.#world.gatewayAddress,
      shard,
      application: { id: this.#world.bot.id, flags: 0 },
    });
    if (intents & guildsIntent) {
      for (const guild of guilds)
        if (guild.isAvailable) this.#send(session, 'GUILD_CREATE', newGuildJson(guild, this.#world));
    }
    this.#world.changed();
    return session;
  }

  #resume(socket: WebSocket, data: unknown): Session | undefined {
    const resume = resumeSchema.safeParse(data);
    const session = resume.success ? this.#sessions.get(resume.data.session_id) : undefined;
    if (!resume.success || !session || resume.data.token !== this.#token) {
      socket.send(JSON.stringify({ op: 9, d: false }));
      return undefined;
    }
    this.resumed++;
    session.socket = socket;
    for (const text of session.sent.slice(resume.data.seq)) socket.send(text);
    this.#send(session, 'RESUMED', {});
    this.#world.changed();
    return session;
  }

  #send(session: Session, t: string, d: unknown): void {
    session.sequence++;
    const text = JSON.stringify({ op: 0, s: session.sequence, t, d });
    session.sent.push(text);
    session.socket?.send(text);
  }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
