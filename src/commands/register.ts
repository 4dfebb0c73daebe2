import type { REST } from 'discord.js';
import { z } from 'zod';
import { registerCommands } from '../discord/registration.ts';
import type { Catalogue } from '../kubeez/catalogue.ts';
import type { Logger } from '../log.ts';
import { menus } from '../requests/menus.ts';
import { BrokenRecord, type Store } from '../state/store.ts';
import { definitionsOf } from './definitions.ts';
import { commands } from './index.ts';

const hashSchema = z.object({ v: z.literal(1), hash: z.string() });

/** The hash of the registered commands; one that cannot be read counts as missing. */
async function hashAt(store: Store, key: string): Promise<string | undefined> {
  try {
    return (await store.get(key, hashSchema))?.hash;
  } catch (error) {
    if (error instanceof BrokenRecord) return undefined;
    throw error;
  }
}

interface Parts {
  rest: REST;
  /** The application's id. */
  application: string;
  /** The server to register in; everywhere when left out. */
  guild: string | undefined;
  /** What the Kubeez server offers, as far as is known. */
  offers: Catalogue['offers'];
  store: Store;
  log: Logger;
}

/**
 * Registers every command but those that need what the server does not offer. Before that is known, whatever is
 * registered stays; where nothing is, it begins with those that are always there. Gives what Discord has now, undefined
 * where nothing had to be changed. Throws what discord.js and the store throw.
 */
export async function register({ rest, application, guild, offers, store, log }: Parts): Promise<unknown> {
  const offered = commands.filter(({ needs }) => needs === undefined || offers(needs));
  const definitions = definitionsOf(offered, menus);
  const remembered = {
    get: (key: string) => hashAt(store, key),
    set: (key: string, hash: string) => store.set(key, { v: 1, hash }),
  };
  const isKnown = offers('models') !== undefined;
  const registered = await registerCommands(rest, application, guild, definitions, remembered, isKnown);
  log.info({ changed: registered !== undefined, commands: definitions.length }, 'commands');
  return registered;
}
