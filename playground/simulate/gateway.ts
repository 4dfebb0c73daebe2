import type { WebSocketOptions } from 'discord.js';
import { newGuildJson, userJson } from '../discord/json.ts';
import { type Guild, shardOf, type World } from '../discord/world.ts';
import type { Life } from './life.ts';
import type { Troubles } from './troubles.ts';
import { sleep, trueTime } from './virtualTime.ts';

type BuildStrategy = NonNullable<WebSocketOptions['buildStrategy']>;
type Manager = Parameters<BuildStrategy>[0];

/** An event on its way to the bots. */
interface Dispatched {
  t: string;
  d: unknown;
}

/** Discord's gateway without sockets: all sessions of a shard hear of everything in its servers. */
export class Gateway {
  identified = 0;
  readonly recommendedShards: number;
  readonly maxConcurrency = 1;
  readonly #world: World;
  readonly #troubles: Troubles;
  readonly #sessions = new Set<Session>();

  constructor(world: World, troubles: Troubles) {
    this.recommendedShards = troubles.shards;
    this.#world = world;
    this.#troubles = troubles;
  }

  dispatch(guild: string | null, t: string, d: unknown): void {
    for (const session of this.#sessions)
      if (session.shard === shardOf(guild, this.recommendedShards)) session.take({ t, d });
  }

  /** A server removes the bot, or invites it again. */
  setMember(guild: Guild, hasBot: boolean): void {
    guild.hasBot = hasBot;
    if (hasBot) this.dispatch(guild.id, 'GUILD_CREATE', newGuildJson(guild, this.#world));
    else this.dispatch(guild.id, 'GUILD_DELETE', { id: guild.id });
  }

  /** Cuts every connection for so many milliseconds; the sessions are resumed after it, or forgotten. */
  drop(milliseconds: number, isForgotten: boolean): void {
    for (const session of this.#sessions) void session.drop(milliseconds, isForgotten);
  }

  /** How one process connects. */
  strategyFor(life: Life): BuildStrategy {
    return (manager) => {
      const session = new Session(manager, life, this.#troubles, () => {
        this.identified++;
        return {
          v: 10,
          user: { ...userJson(this.#world.bot), verified: true, mfa_enabled: false, email: null, flags: 0 },
          guilds: this.#world
            .guildsOfBot()
            .filter(({ id }) => shardOf(id, this.recommendedShards) === session.shard)
            .map(({ id }) => ({ id, unavailable: true })),
          session_id: `session-${this.identified}`,
          resume_gateway_url: 'wss://gateway.discord.gg',
          shard: [session.shard, this.recommendedShards],
          application: { id: this.#world.bot.id, flags: 0 },
        };
      });
      return {
        spawn: async ([shard = 0]) => {
          session.shard = shard;
        },
        connect: async () => {
          this.#sessions.add(session);
          await session.open();
        },
        destroy: async () => void this.#sessions.delete(session),
        fetchStatus: () => {
          throw new Error('Nobody asks for this');
        },
        send: async () => {},
      };
    };
  }
}

class Session {
  isOpen = false;
  shard = 0;
  readonly #manager: Manager;
  readonly #life: Life;
  readonly #troubles: Troubles;
  readonly #identify: () => object;
  #missed: Dispatched[] = [];
  /** When the latest event arrives: none passes another. */
  #arrives = 0;

  constructor(manager: Manager, life: Life, troubles: Troubles, identify: () => object) {
    this.#manager = manager;
    this.#life = life;
    this.#troubles = troubles;
    this.#identify = identify;
  }

  async open(): Promise<void> {
    await sleep(this.#troubles.gatewayTakes());
    const ready = this.#identify();
    this.isOpen = true;
    this.#emit('hello', {});
    this.#emit('ready', { data: ready });
    this.#emit('dispatch', { data: { op: 0, s: 1, t: 'READY', d: ready } });
  }

  take(event: Dispatched): void {
    if (!this.isOpen) {
      this.#missed.push(event);
      return;
    }
    this.#arrives = Math.max(this.#arrives, trueTime() + this.#troubles.gatewayTakes());
    setTimeout(() => {
      if (!this.isOpen) this.#missed.push(event);
      else {
        this.#deliver(event);
        if (this.#troubles.isEventDoubled()) this.#deliver(event);
      }
    }, this.#arrives - trueTime());
  }

  async drop(milliseconds: number, isForgotten: boolean): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#emit('closed', { code: 1006 });
    await sleep(milliseconds);
    if (isForgotten) {
      this.#missed = [];
      return this.open();
    }
    this.isOpen = true;
    this.#emit('hello', {});
    this.#emit('resumed', {});
    for (const event of this.#missed.splice(0)) this.#deliver(event);
  }

  #deliver({ t, d }: Dispatched): void {
    // Each process reads it for itself.
    this.#emit('dispatch', { data: { op: 0, s: 2, t, d: structuredClone(d) } });
  }

  #emit(event: string, data: object): void {
    if (!this.#life.isOver) Reflect.apply(this.#manager.emit, this.#manager, [event, { ...data, shardId: this.shard }]);
  }
}
