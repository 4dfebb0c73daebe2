import { writeFileSync } from 'node:fs';
import type { Message } from '../playground/discord/world.ts';
import type { Stage } from '../playground/stage.ts';
import { begin, type Tenant } from './accounts.ts';
import { memoryOf, peakOf, wait } from './measure.ts';

/** Bytes of each result: just below what a server without boosts takes. */
const resultBytes = 9_000_000;

/**
 * Lets a large result in each of these servers end at the same moment.
 *
 * @returns MiB that the bot has at most while it brings them, beyond what it had before, and what it keeps of that
 */
export async function deliverTogether(stage: Stage, pid: number | undefined, tenants: Tenant[]) {
  Object.assign(stage.kubeez.platform.settings, { hold: true, padding: resultBytes, mediaScale: 1 / 8 });
  const cards: Message[] = [];
  for (const { channel, person } of tenants)
    cards.push(await begin(stage, person, channel, 'image', { prompt: `large ${cards.length}`, model: 'z-image' }));
  const jobs = () =>
    tenants.flatMap(({ account }) => [...account.jobs.values()].slice(-1).map(({ id }) => ({ account, id })));
  await stage.discord.world.until(() => jobs().length === tenants.length, 'the jobs', 60_000);
  await wait(3000);
  const before = memoryOf(pid);
  // From here on the system notes the most there was.
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  for (const { account, id } of jobs()) account.finish(id);
  await stage.discord.world.until(() => cards.every((card) => card.attachments.length > 0), 'the results', 240_000);
  const most = peakOf(pid) - before;
  await wait(5000);
  return { most, kept: memoryOf(pid) - before };
}
