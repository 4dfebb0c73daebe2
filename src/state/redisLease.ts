import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Logger } from '../log.ts';
import type { Lease, Shards, WantedShards } from './lease.ts';
import { within } from './within.ts';

/** How long a lease lasts unless it is renewed: what a start waits for after kill -9. Milliseconds. */
const lasts = 9_000;
const renewEvery = 2_500;
/** Sooner after a failure, because the lease is running out. */
const retryEvery = 1_000;
/** A Redis that has not answered after this long is tried through a new connection. */
const patience = 3_000;

/**
 * One hash for all processes on a Redis: `<shard>/<count>` → `<end in ms> <token>`. In one step it drops what is over, and
 * takes or renews the wanted parts, `all` of them or `one`, unless another process has an overlapping part. Two parts overlap when some server
 * belongs to both: when their shards are equal modulo the greatest common divisor of their counts.
 * Gives the parts that are had, after `renewed` or `taken`; nothing when somebody else has them, or has had them since, so
 * that what a process that takes them `again` remembers may be out of date. The second hash says who had each part last, and
 * never expires.
 */
const take = `
local token, lasts, how, again = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4] == 'again'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function gcd(a, b) while b > 0 do a, b = b, a % b end return a end
local all, own, others = redis.call('HGETALL', KEYS[1]), {}, {}
for index = 1, #all, 2 do
  local part, ends, holder = all[index], string.match(all[index + 1], '^(%d+) (.*)$')
  if not ends or tonumber(ends) < now then
    redis.call('HDEL', KEYS[1], part)
  elseif holder == token then
    own[part] = true
  else
    others[#others + 1] = part
  end
end
local function overlap(one, other)
  local shard, count = string.match(one, '^(%d+)/(%d+)$')
  local otherShard, otherCount = string.match(other, '^(%d+)/(%d+)$')
  local common = gcd(tonumber(count), tonumber(otherCount))
  return shard % common == otherShard % common
end
local function isFree(wanted)
  for _, part in ipairs(others) do
    if overlap(part, wanted) then return false end
  end
  if own[wanted] or not again then return true end
  local last = redis.call('HGET', KEYS[2], wanted)
  return not last or last == token
end
local result = { 'renewed' }
for index = 5, #ARGV do
  if isFree(ARGV[index]) then
    result[#result + 1] = ARGV[index]
    if how == 'one' then break end
  elseif how == 'all' then
    return {}
  end
end
if #result == 1 then return {} end
for index = 2, #result do
  if not own[result[index]] then
    result[1] = 'taken'
    for _, part in ipairs(redis.call('HKEYS', KEYS[2])) do
      if overlap(part, result[index]) then redis.call('HSET', KEYS[2], part, token) end
    end
    redis.call('HSET', KEYS[2], result[index], token)
  end
  redis.call('HSET', KEYS[1], result[index], string.format('%.0f', now + lasts) .. ' ' .. token)
end
redis.call('PEXPIRE', KEYS[1], lasts)
return result`;

const taken = z.union([
  z.tuple([]).transform(() => undefined),
  z.tuple([z.enum(['renewed', 'taken'])], z.string()).transform(([how, ...parts]) => ({ how, parts })),
]);

const release = `
local all = redis.call('HGETALL', KEYS[1])
for index = 1, #all, 2 do
  if string.match(all[index + 1], '^%d+ (.*)$') == ARGV[1] then redis.call('HDEL', KEYS[1], all[index]) end
end
return 1`;

const keys = ['kubeez:leases', 'kubeez:lastLeases'];

interface Parts {
  url: string;
  shards: WantedShards;
  log: Logger;
  /** Told once, when another process has the lease now. */
  onLost(): void;
}

/**
 * The lease on Redis: lasts some seconds, and is renewed at intervals, before every write and before every paid call, so
 * that a process that was held up for too long writes over nothing its successor has done. While Redis is away nothing
 * can be saved either: the process waits, and goes on when nobody has taken the lease meanwhile.
 */
export class RedisLease implements Lease {
  readonly #parts: Parts;
  readonly #token = randomUUID();
  /** All of these, or one of them. */
  #wanted: { how: 'all' | 'one'; parts: readonly string[] };
  #connection: ReturnType<typeof connect> | undefined;
  #renewing: Promise<boolean> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wasTaken = false;
  #isOver = false;
  #isAway = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { ids, count, isOneEnough } = parts.shards;
    this.#wanted = { how: isOneEnough ? 'one' : 'all', parts: ids.map((id) => `${id}/${count}`) };
  }

  async take(): Promise<Shards | undefined> {
    if (!(await this.#ask())) return undefined;
    this.#renewLater(renewEvery);
    const { count } = this.#parts.shards;
    return { ids: this.#wanted.parts.map((part) => Number.parseInt(part, 10)), count };
  }

  async assertHeld(): Promise<void> {
    if (!(await this.#renew())) throw new Error('Another process has the lease of this store');
  }

  async isHeld(): Promise<boolean> {
    return this.#renew().catch(() => false);
  }

  async release(): Promise<void> {
    const isHeld = this.#wasTaken && !this.#isOver;
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (isHeld) await this.#run(release, []).catch(() => undefined);
    this.#drop();
  }

  #renewLater(pause: number): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    this.#timer = setTimeout(() => {
      this.#renew().then(
        () => this.#renewLater(renewEvery),
        () => this.#renewLater(retryEvery),
      );
    }, pause).unref();
  }

  /** Renews, once for all who ask at the same moment. Gives false when another process has it, for good. */
  #renew(): Promise<boolean> {
    if (this.#isOver) return Promise.resolve(false);
    this.#renewing ??= this.#ask().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #ask(): Promise<boolean> {
    const { log, onLost } = this.#parts;
    const { how, parts } = this.#wanted;
    let answer: z.infer<typeof taken>;
    try {
      answer = taken.parse(await this.#run(take, [String(lasts), how, this.#wasTaken ? 'again' : 'first', ...parts]));
    } catch (err) {
      if (!this.#isAway && this.#wasTaken) log.error({ err }, 'the lease could not be renewed; trying again');
      this.#isAway = true;
      throw err;
    }
    this.#isAway = false;
    if (!answer) {
      // Whoever only waits for it has lost nothing.
      if (this.#wasTaken && !this.#isOver) {
        this.#isOver = true;
        onLost();
      }
      return false;
    }
    if (answer.how === 'taken' && this.#wasTaken)
      log.warn('the lease was gone from Redis, and nobody else had taken it; taken anew');
    // Whatever it is renewed for from now on.
    this.#wanted = { how: 'all', parts: answer.parts };
    this.#wasTaken = true;
    return true;
  }

  async #run(script: string, args: string[]): Promise<unknown> {
    try {
      this.#connection ??= connect(this.#parts.url);
      const client = await within(patience, this.#connection);
      return await within(patience, client.eval(script, { keys, arguments: [this.#token, ...args] }));
    } catch (error) {
      // A connection that does not answer may be half open: the next attempt makes another.
      this.#drop();
      throw error;
    }
  }

  #drop(): void {
    this.#connection?.then((client) => client.destroy()).catch(() => undefined);
    this.#connection = undefined;
  }
}

/** A connection to a Redis; the client is loaded only where it is used, because it takes several MiB. Throws where it cannot be reached. */
export async function connect(url: string) {
  const { createClient } = await import('@keyv/redis');
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: patience } });
  // Told by whatever is asked next.
  client.on('error', () => {});
  await client.connect();
  return client;
}
