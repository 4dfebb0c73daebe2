import { createHash } from 'node:crypto';
import { type REST, Routes } from 'discord.js';
import PQueue from 'p-queue';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';

/** Where the hash of what is registered is kept. */
export interface Remembered {
  get(key: string): Promise<string | undefined>;
  set(key: string, hash: string): Promise<void>;
}

/** Where Discord has the commands: those of all servers, or of the one that is named. */
export const commandsRoute = (application: string, guild: string | undefined) =>
  guild ? Routes.applicationGuildCommands(application, guild) : Routes.applicationCommands(application);

/** What was hashed before: the same commands are asked for at every start and every new list of tools. */
const hashes = new WeakMap<object, string>();

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

function hashOf(command: object): string {
  const hash = hashes.get(command) ?? digest(JSON.stringify(command));
  hashes.set(command, hash);
  return hash;
}

/**
 * Registers the commands, everywhere or in one server, but only when they changed since the last time: Discord allows
 * 200 creations a day (docs: interactions/application-commands). Gives what Discord has now, in its words; undefined
 * where nothing had to be changed.
 *
 * @param isFinal false when they may be others in a moment: then they do not take the place of any that are there
 */
export async function registerCommands(
  rest: REST,
  application: string,
  guild: string | undefined,
  commands: object[],
  remembered: Remembered,
  isFinal = true,
): Promise<unknown> {
  const key = `commands:${application}:${guild ?? 'global'}`;
  const hash = digest(commands.map(hashOf).join());
  const registered = await remembered.get(key);
  if (registered === hash || (!isFinal && registered !== undefined)) return undefined;
  const now = await rest.put(commandsRoute(application, guild), { body: commands });
  await remembered.set(key, hash);
  return now;
}

const minute = 60_000;
/** Pauses between two attempts double from the first to the last. */
const pauses = { first: minute, last: 60 * minute };

interface Parts {
  /** Registers what is to be registered now. */
  register(): Promise<void>;
  clock: Clock;
  log: Logger;
}

/** Keeps the commands registered. Discord may refuse for a day (30034), so nothing else waits for it. */
export class Registration {
  readonly #parts: Parts;
  readonly #queue = new PQueue({ concurrency: 1 });
  #pause = pauses.first;
  #cancel = () => {};

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Registers now, and again later if it has to. Resolves after the first attempt; never throws. */
  now(): Promise<void> {
    this.#cancel();
    return this.#queue.add(() => this.#attempt());
  }

  stop(): void {
    this.#cancel();
    this.#queue.clear();
  }

  async #attempt(): Promise<void> {
    const { register, clock, log } = this.#parts;
    try {
      await register();
      this.#pause = pauses.first;
    } catch (err) {
      log.error({ err, minutes: this.#pause / minute }, 'commands not registered; trying again later');
      this.#cancel();
      this.#cancel = clock.wakeAt(clock.now() + this.#pause, () => void this.now());
      this.#pause = Math.min(pauses.last, this.#pause * 2);
    }
  }
}
