import { type Bot, loadRest, startBot } from '../../src/bot.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { parseConfig } from '../../src/config.ts';
import { readBudget } from '../../src/kubeez/budget.ts';
import { inMemory } from '../../src/kubeez/keptFiles.ts';
import { createLogger } from '../../src/log.ts';
import { StartRefused } from '../../src/state/lease.ts';
import type { Network } from '../../src/worlds.ts';
import { botToken } from './accounts.ts';
import type { Chance } from './chance.ts';
import type { Disk } from './disk.ts';
import { Life } from './life.ts';
import type { Tell } from './telling.ts';
import type { Troubles } from './troubles.ts';
import { sleep, trueTime } from './virtualTime.ts';

// It would take real time, which a story has none of.
await loadRest();

interface Process {
  life: Life;
  bot?: Bot;
  onLost?: () => void;
}

interface ProcessParts {
  /** The bot's token. */
  token: string;
  disk: Disk;
  chance: Chance;
  troubles: Troubles;
  /** How a process reaches everything but its store. */
  networkFor(life: Life): Pick<Network, 'discord' | 'kubeez' | 'files'>;
  tell: Tell;
  /** Told of every line that a living process logs. */
  onLogged(process: number, line: string): void;
  /** Told of a promise that was broken. */
  broken(what: string): void;
}

/** What tokens are sealed with. */
const stateKey = Buffer.alloc(32, 7).toString('base64');

/** The processes of the bot, one after another or several at a time, on one store. */
export class Processes {
  readonly #parts: ProcessParts;
  readonly #all: Process[] = [];
  #startAt: number | undefined;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
  }

  get #alive() {
    return this.#all.filter(({ life }) => !life.isOver);
  }

  /** Those that run a shard; which of several it is about is left to chance. */
  get #running() {
    const { disk, chance } = this.#parts;
    const running = this.#alive.filter(({ life }) => disk.isHolder(life));
    return running.length > 1 ? chance.pick(running) : running[0];
  }

  get #hasSpare() {
    return this.#parts.troubles.theme?.hasSpare === true;
  }

  /** Ends all of them at once. */
  end(): void {
    for (const { life } of this.#all) life.isOver = true;
  }

  /** Whoever runs the bot starts it again, some time after it died; a spare at once, and nobody waits for that to be ready. */
  async keepAlive(): Promise<void> {
    const alive = this.#alive.length;
    const { shards } = this.#parts.troubles;
    if (alive > 0 && this.#hasSpare && alive <= shards) return void this.start();
    if (alive > 0) return;
    this.#startAt ??= trueTime() + this.#parts.chance.skewed(100, 60_000);
    if (trueTime() >= this.#startAt || this.#parts.troubles.isCalm) await this.start();
  }

  /** Starts one more, and waits until it is ready, but not for long. */
  async start(): Promise<void> {
    this.#startAt = undefined;
    const { disk, troubles, tell, token, networkFor, onLogged, broken } = this.#parts;
    const number = this.#all.length + 1;
    const life = new Life(
      number,
      (where) => troubles.kills(where),
      (where) => tell(`process ${number} is killed ${where}`),
    );
    const known: Process = { life };
    this.#all.push(known);
    tell(`process ${number} starts`);
    const parsed = parseConfig({
      DISCORD_TOKEN: token,
      KUBEEZ_TOKEN: botToken,
      ...(this.#hasSpare ? { SHARDS: 'auto', SHARD_COUNT: String(troubles.shards) } : {}),
      // Without it nobody can connect an account, and none is looked for.
      ...(troubles.theme?.manages?.includes('ownAccounts') ? { STATE_KEY: stateKey } : {}),
    });
    if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
    const end = (why: string) => {
      life.isOver = true;
      tell(`process ${number} ends: ${why}`);
    };
    const started = startBot(parsed.config, {
      clock: clockOf(life),
      readBudget,
      log: createLogger('warn', { write: (line) => life.isOver || onLogged(number, line) }),
      network: {
        ...networkFor(life),
        openFiles: inMemory,
        store: disk.storeFor(life),
        lease: (onLost) => {
          known.onLost = onLost;
          return disk.leaseFor(life);
        },
      },
      onEnd: end,
    }).then(
      (bot) => {
        known.bot = bot;
      },
      (error) => {
        end(error instanceof Error ? error.message : String(error));
        if (!(error instanceof StartRefused)) broken(`a start failed: ${error instanceof Error ? error.stack : error}`);
      },
    );
    await Promise.race([started, sleep(20_000)]);
  }

  /** A second process is started beside the first, which is perhaps asked to stop then: a rolling restart. */
  async roll(): Promise<void> {
    const { chance } = this.#parts;
    const [first] = this.#alive;
    void this.start();
    await sleep(chance.skewed(500, 15_000));
    if (first?.bot && !first.life.isOver && chance.happens(0.7)) await this.#stop(first);
  }

  /** The store gives the lease to somebody else: the process learns of it a little later. */
  loseLease(): void {
    const { disk, chance, tell } = this.#parts;
    const holder = this.#running;
    if (!holder) return;
    tell(`process ${holder.life.number} loses its lease`);
    disk.release(holder.life);
    setTimeout(() => holder.onLost?.(), chance.skewed(10, 3_000));
    void this.start();
  }

  /** The bot is asked to stop, as by a supervisor, and started anew. */
  async restart(meanwhile = () => {}): Promise<void> {
    const one = this.#running;
    if (!one?.bot) return;
    await this.#stop(one);
    meanwhile();
    await this.start();
  }

  async #stop({ life, bot }: Process): Promise<void> {
    this.#parts.tell(`process ${life.number} is asked to stop`);
    await bot?.stop();
    life.isOver = true;
  }
}

/** Time as a process has it: nothing wakes it any more once it has ended. */
const clockOf = (life: Life): Clock => ({
  now: systemClock.now,
  wakeAt: (at, wake) => systemClock.wakeAt(at, () => void (life.isOver || wake())),
});
