import fc from 'fast-check';
import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { change } from '../../src/flows/change.ts';
import type { Event } from '../../src/flows/events.ts';
import type { Flow } from '../../src/flows/flow.ts';
import type { Room } from '../../src/flows/room.ts';
import { runsIn } from '../../src/flows/runs.ts';
import { confirmLabel } from '../../src/flows/sentences.ts';
import { step } from '../../src/flows/step.ts';
import { Ledger } from '../../src/guilds/ledger.ts';
import type { Limit } from '../../src/guilds/limits.ts';
import { periodOf } from '../../src/guilds/period.ts';
import { allowed } from '../../src/guilds/policy.ts';
import { GuildSettings } from '../../src/guilds/settings.ts';
import { SpendLimits } from '../../src/guilds/spendLimits.ts';
import { createLogger } from '../../src/log.ts';
import { Store } from '../../src/state/store.ts';
import { placeOf, presser, someFlow, someModel, someVariedFlow } from '../flows.ts';
import { recordsOn } from '../records.ts';

const guild = '2000';
const hour = 3_600_000;
const start = Date.UTC(2026, 10, 26, 20);
const limit: Limit = { id: 'server.day', scope: 'server', target: null, per: 'day', credits: 30, label: '' };

/** A process with its records and limits, over what an earlier one has stored. */
function startProcess(stored: Map<string, unknown>, clock: { now(): number }) {
  const log = createLogger('silent');
  const store = new Store(new Keyv({ store: stored, throwOnErrors: true }), log);
  const ledger = new Ledger(store, log);
  const records = recordsOn(store, ledger);
  const settings = new GuildSettings(store);
  const limits = new SpendLimits({
    settings,
    ledger,
    openIn: (id) => records.openIn(id),
    load: (id) => records.load(id),
    clock,
    log,
  });
  return { records, limits, settings };
}

/** What may happen next to one of the flows, as far as it fits. */
const happening = fc.record({
  flow: fc.nat(5),
  what: fc.constantFrom(...Array<'go on'>(16).fill('go on'), 'fail', 'lose', 'refuse', 'restart'),
  later: fc.constantFrom(...Array<number>(20).fill(1000), hour),
  price: fc.constantFrom(...Array<number>(12).fill(7), 9),
  charged: fc.constantFrom(7, 7, 7, 0, null),
});
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

/** The event that brings a flow on, or to its end. */
function next(flow: Flow, { what, price, charged }: Happening): Event | 'offer' | undefined {
  const call = runsIn(flow, 'begun')[0]?.call ?? 0;
  const job = `job-${flow.id}-${call}`;
  switch (flow.stage) {
    case 'quoting':
      return {
        type: 'priced',
        round: flow.money.round,
        prices: { [someModel.id]: price },
        basis: 'list',
        balance: 1000,
      };
    case 'quoted':
      return {
        type: 'pressed',
        action: 'confirm',
        by: presser(),
        at: placeOf(flow),
        label: confirmLabel(flow.money.quote?.credits ?? 0),
      };
    case 'queued':
      return 'offer';
    case 'submitting':
      if (what === 'lose') return { type: 'notFound', hasHistory: false };
      if (what === 'refuse') return { type: 'submitRefused', call, again: price === 9, reason: { code: 'invalid' } };
      return { type: 'submitted', call, jobs: [job], seconds: 1 };
    case 'running': {
      const status = what === 'fail' ? ('failed' as const) : ('completed' as const);
      const outputs = what === 'fail' ? [] : [{ url: 'https://media.example/1.png' }];
      const seen = { status, outputs, error: null, missing: [], charged, seed: null, isPartial: false };
      const jobs = flow.runs.flatMap((run) => (run.state === 'job' ? [{ id: run.job.id, ...seen }] : []));
      return { type: 'checked', jobs };
    }
    case 'delivering':
      return { type: 'posted', card: flow.card, results: [], replies: [], charged: flow.money.charged };
    case 'unclear':
      return { type: 'pressed', action: 'again', by: presser(), at: placeOf(flow), label: 'Start again' };
    default:
      return undefined;
  }
}

/** The most that the platform may have taken, by what it said of each job so far. */
const atStake = ({ runs }: Flow) =>
  runs
    .filter(({ state }) => state !== 'waiting' && state !== 'refused')
    .reduce((sum, run) => sum + ((run.state === 'job' ? run.job.charged : null) ?? run.credits ?? 0), 0);

test('however flows and restarts follow each other, no more is ever at stake in a day than its limit allows', async () => {
  let [refusals, most] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 60, maxLength: 150 }), async (story) => {
      const stored = new Map<string, unknown>();
      let now = start;
      const clock = { now: () => now };
      let process = startProcess(stored, clock);
      await process.settings.setLimit(guild, limit);
      const ids = Array.from({ length: 6 }, (_, index) => `flow000${index}`);
      for (const [index, id] of ids.entries())
        await process.records.save(change(index % 3 === 0 ? someVariedFlow() : someFlow(), { id, createdAt: now }));
      /** By flow and moment: a second start of a flow has stakes of its own. */
      const stakes = new Map<string, { at: number; credits: number }>();

      const tell = async (id: string, event: Event) => {
        const before = await process.records.load(id);
        if (!before) throw new Error('no record');
        const room = event.type === 'priced' ? await process.limits.room(before) : null;
        const told: Event = event.type === 'priced' && room ? { ...event, room } : event;
        const { flow } = step(before, told, now);
        if (flow !== before) await process.records.save(flow);
        process.limits.onSaved(before, flow);
        const at = flow.money.heldAt;
        if (at !== null) stakes.set(`${id} ${at}`, { at, credits: atStake(flow) });
      };
      const refuse = (id: string, room: Room) => {
        refusals++;
        return tell(id, { type: 'limitFull', room });
      };
      for (const happens of story) {
        now += happens.later;
        if (happens.what === 'restart') {
          process = startProcess(stored, clock);
          for (const id of await process.records.openIn(guild)) await tell(id, { type: 'resumed' });
          continue;
        }
        const id = ids[happens.flow] ?? '';
        const flow = await process.records.load(id);
        const event = flow && next(flow, happens);
        if (!event) continue;
        if (event !== 'offer') {
          await tell(id, event);
          continue;
        }
        // Everybody who waits is offered a start at the same moment.
        const waiting = [];
        for (const one of ids) if ((await process.records.load(one))?.stage === 'queued') waiting.push(one);
        const verdicts = await Promise.all(
          waiting.map(async (one) => [one, await process.limits.admit(one, () => allowed)] as const),
        );
        for (const [one, verdict] of verdicts) {
          if (verdict && 'full' in verdict) await refuse(one, verdict.full);
          else if (verdict && 'heldAt' in verdict) await tell(one, { type: 'slotFree', at: verdict.heldAt });
        }
      }
      const days = new Map<number, number>();
      for (const { at, credits } of stakes.values()) {
        const day = periodOf('day', at, 'UTC').start;
        days.set(day, (days.get(day) ?? 0) + credits);
      }
      most = Math.max(most, ...days.values());
      for (const credits of days.values()) expect(credits).toBeLessThanOrEqual(limit.credits);
    }),
    { numRuns: 30 },
  );
  // The stories come to where it matters.
  expect(refusals).toBeGreaterThan(0);
  expect(most).toBeGreaterThan(limit.credits - 7);
});
