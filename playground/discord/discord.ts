import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../src/clock.ts';
import { Api } from './api.ts';
import { Gateway } from './gateway.ts';
import { Interactions } from './interactions.ts';
import { Person } from './person.ts';
import { type Rates, realRates } from './rates.ts';
import { type User, World } from './world.ts';

export interface DiscordSettings {
  clock: Clock;
  rates?: Rates;
  /** 0 takes any free one. */
  port?: number;
  /** Where the bot reaches it, when that is not on loopback. */
  addresses?: { gateway: string; files: string } | undefined;
}

/** A local Discord: REST and gateway on loopback, as strict as the real one (docs: docs/stand-ins.md). */
export interface Discord {
  world: World;
  gateway: Gateway;
  interactions: Interactions;
  api: Api;
  port: number;
  /** What the bot is configured with. */
  token: string;
  apiUrl: string;
  /** Somebody at their Discord. */
  person(user: User): Person;
  close(): Promise<void>;
}

/** Starts an empty Discord with one bot account. */
export async function startDiscord({
  clock,
  rates = realRates,
  port = 0,
  addresses,
}: DiscordSettings): Promise<Discord> {
  const world = new World(clock);
  const token = `${Buffer.from(world.bot.id).toString('base64url')}.stand-in.${'x'.repeat(27)}`;
  const server = createServer();
  const gateway = new Gateway(server, world, token, rates.identify);
  const interactions = new Interactions(world, gateway);
  const api = new Api({ world, gateway, interactions, token, rates });
  server.on('request', api.httpApp());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  const local = `127.0.0.1:${address.port}`;
  world.origin = addresses?.files ?? `http://${local}`;
  world.gatewayAddress = addresses?.gateway ?? `ws://${local}`;
  return {
    world,
    gateway,
    interactions,
    api,
    port: address.port,
    token,
    apiUrl: `http://${local}/api`,
    person: (user) => new Person(user, world, interactions, (guild) => api.commandsFor(guild)),
    async close() {
      gateway.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
