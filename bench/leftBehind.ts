import type { Person } from '../playground/discord/person.ts';
import type { Channel, Message } from '../playground/discord/world.ts';
import type { Stage } from '../playground/stage.ts';
import type { Flow } from '../src/flows/flow.ts';
import { recordsOn } from '../test/records.ts';
import { writeRecords } from './inMemory.ts';
import { cardIn, running, sampleFlow } from './sampleFlow.ts';

/** A flow that waits for Confirm: its card, and whoever may press there. */
export interface Quoted {
  message: Message;
  id: string;
  person: Person;
}

/** So many people in the stage’s server. */
export const crowdOf = ({ discord, guild }: Stage, count: number): Person[] =>
  Array.from({ length: count }, (_, index) => {
    const user = discord.world.addUser(`User ${index}`);
    guild.members.add(user.id);
    return discord.person(user);
  });

/** So many new channels in the stage’s server. */
export const channelsOf = ({ discord, guild }: Stage, count: number): Channel[] =>
  Array.from({ length: count }, (_, index) => discord.world.addChannel(guild, `c${index}`));

/**
 * Writes flows as an earlier process would have left them after a kill, which is the worst case, as none of their cards
 * is known to show them: the first waits for Confirm, the second runs, and so on; of twenty people, in fifty channels.
 * Gives those that wait.
 */
export async function leaveOpenFlows(stage: Stage, count: number): Promise<Quoted[]> {
  const people = crowdOf(stage, 20);
  const channels = channelsOf(stage, 50);
  const quoted: Quoted[] = [];
  const flows = Array.from({ length: count }, (_, index): Flow => {
    const person = people[Math.floor(index / 2) % people.length] ?? stage.ada;
    const message = cardIn(stage, (channels[index % channels.length] ?? stage.channel).id);
    const flow = sampleFlow(stage, index, person, message);
    if (index % 2 === 1) return running(stage, flow);
    quoted.push({ message, id: flow.id, person });
    return flow;
  });
  await writeRecords(stage, async (store) => {
    const records = recordsOn(store);
    for (const flow of flows) await records.save(flow);
  });
  return quoted;
}

/** Writes flows that have ended long ago: what a bot that was used for years has in its database. */
export async function keepEndedFlows(stage: Stage, count: number): Promise<void> {
  const card = { id: stage.discord.world.snowflake(), channel: stage.channel.id };
  await writeRecords(stage, async (store) => {
    const records = recordsOn(store);
    for (let index = 0; index < count; index++) {
      const flow = sampleFlow(stage, index, stage.ada, card);
      await records.rewrite({ ...flow, stage: 'delivered', endedAt: flow.createdAt });
    }
  });
}
