import { expect, test } from 'vitest';
import { Slots } from '../../src/engine/lines.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { step } from '../../src/flows/step.ts';
import { times } from '../../src/flows/times.ts';
import { someFlow } from '../flows.ts';

/** A line and its flows, told of everything in turn as the runner does. */
class Stand {
  now = 1_000_000;
  readonly flows = new Map<string, Flow>();
  readonly offers: string[] = [];
  readonly places: { id: string; place: number }[] = [];
  readonly #events: (() => void)[] = [];
  readonly #slots = new Slots({
    now: () => this.now,
    shareOf: () => 1,
    offer: (id) => {
      this.offers.push(id);
      this.#events.push(() => this.#step(id, { type: 'slotFree' }));
    },
    place: (id, place) => {
      this.places.push({ id, place });
      this.#events.push(() => this.#step(id, { type: 'placed', place }));
    },
  });

  constructor() {
    this.#slots.open();
  }

  save(flow: Flow): void {
    this.flows.set(flow.id, flow);
    this.#slots.update(flow);
  }

  /** Lets happen what is under way: also what waits for a turn of the limiter. */
  async settle(most = 5000): Promise<void> {
    for (let count = 0; count < most; count++) {
      await Promise.resolve();
      this.#events.shift()?.();
    }
  }

  inStage(stage: Flow['stage']): Flow[] {
    return [...this.flows.values()].filter((flow) => flow.stage === stage);
  }

  #step(id: string, event: Parameters<typeof step>[1]): void {
    const flow = this.flows.get(id);
    if (flow) this.save(step(flow, event, this.now).flow);
  }
}

const confirmed = (stand: Stand, id: string, quotedAgo = 0): Flow =>
  someFlow({
    id,
    stage: 'queued',
    requester: id,
    nextCheckAt: stand.now + times.queueCheck,
    giveUpAt: stand.now + times.queueGivesUp,
    quote: {
      credits: 4,
      basis: 'list',
      balance: 100,
      at: stand.now - quotedAgo,
      until: stand.now + times.quoteHolds,
    },
    confirmed: { by: id, credits: 4, at: stand.now },
  });

test('many who confirm at the same moment are told their places once, not over and over', async () => {
  const stand = new Stand();
  for (let number = 0; number < 40; number++) stand.save(confirmed(stand, `flow-${number}`));
  await stand.settle();
  expect(stand.inStage('submitting')).toHaveLength(10);
  const places = stand.inStage('queued').map(({ place }) => place);
  expect(places.sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  expect(stand.places).toHaveLength(30);
});

test('a flow whose price has to be read again is offered its start once, whatever happens to it meanwhile', async () => {
  const stand = new Stand();
  const flow = confirmed(stand, 'flow', times.priceFresh + 1);
  stand.save(flow);
  // Something else happens to it before it hears of the offer.
  stand.save({ ...flow, place: 1 });
  expect(stand.offers).toEqual(['flow']);
  await stand.settle();
  expect(stand.flows.get('flow')?.stage).toBe('quoting');
});

test('a line that was empty for a moment still knows how many it started in this minute', async () => {
  const stand = new Stand();
  for (let number = 0; number < 30; number++) {
    stand.save(confirmed(stand, `flow-${number}`));
    await stand.settle(50);
    const [begun] = stand.inStage('submitting');
    if (begun) stand.save({ ...begun, stage: 'delivered', nextCheckAt: null, endedAt: stand.now });
  }
  expect(stand.inStage('delivered')).toHaveLength(30);
  stand.save(confirmed(stand, 'one too many'));
  await stand.settle(50);
  expect(stand.flows.get('one too many')?.stage).toBe('queued');
});

test('a wake-up that comes when the flow has moved on does nothing: no look-up for a start that is under way', () => {
  const now = 1_000_000;
  const begun = step(confirmed(new Stand(), 'flow'), { type: 'slotFree' }, now);
  expect(begun.effects).toContainEqual({ do: 'submit' });
  const woken = step(begun.flow, { type: 'woke' }, now + 1);
  expect(woken).toEqual({ flow: begun.flow, effects: [] });
});
