import { EventEmitter } from 'node:events';
import { SimpleShardingStrategy, type WebSocketOptions } from 'discord.js';
import { z } from 'zod';

type BuildStrategy = NonNullable<WebSocketOptions['buildStrategy']>;

/** What is inside the strategy of @discordjs/ws 1.2.3, as far as it is needed here. */
const shardsSchema = z.map(z.number(), z.object({ connection: z.instanceof(EventEmitter).nullable() }));

/**
 * The connections to Discord's gateway, as discord.js makes them, but for their end: when one is ended while it is being
 * opened, @discordjs/ws 1.2.3 no longer listens for its errors, so that one would end the process, and opens it again half
 * a second later.
 */
export const buildGateway: BuildStrategy = (manager) => {
  const strategy = new SimpleShardingStrategy(manager);
  const destroy = strategy.destroy.bind(strategy);
  strategy.destroy = async (options) => {
    const shards = [...(shardsSchema.safeParse(Reflect.get(strategy, 'shards')).data?.values() ?? [])];
    for (const { connection } of shards) connection?.on('error', () => {});
    // Asked for before a connection is opened: without an answer none is. A start ends what is not there yet, and goes on.
    if (shards.length > 0) manager.options.retrieveSessionInfo = () => new Promise(() => {});
    await destroy(options);
  };
  return strategy;
};
