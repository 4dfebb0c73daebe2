import type { Stage } from '../playground/stage.ts';
import { createLogger } from '../src/log.ts';
import { openStore } from '../src/state/store.ts';

const id = (index: number) => String(1_000 + index);

/** Sets 200 rules in the server, while no bot runs: limits, what must be approved, people and words that are blocked. None applies. */
export async function setManyRules({ env, guild }: Stage): Promise<void> {
  const fifty = Array.from({ length: 50 }, (_, index) => index);
  const store = await openStore(String(env.STATE_URL), createLogger('silent'));
  await store.set(`guild:${guild.id}`, {
    v: 1,
    limits: fifty.map((index) => ({
      id: `limit-${index}`,
      credits: 1_000_000,
      per: 'month',
      scope: index % 2 === 0 ? 'person' : 'server',
      target: index % 2 === 0 ? id(index) : null,
    })),
    approvals: fifty.map((index) => ({
      above: 100_000,
      kind: null,
      role: id(index),
      approvers: id(0),
      channel: id(1),
    })),
    blocked: { people: fifty.map(id), words: fifty.map((index) => `unwanted word ${index}`) },
  });
  await store.close();
}
