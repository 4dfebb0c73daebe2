import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import type { Flow } from '../../src/flows/flow.ts';
import { Gate } from '../../src/guilds/gate.ts';
import { GuildSettings } from '../../src/guilds/settings.ts';
import { createLogger } from '../../src/log.ts';
import { Store } from '../../src/state/store.ts';
import { someFlow } from '../flows.ts';

/** A gate in front of a server that lets everybody have two flows at once. */
async function gateOfTwo() {
  const settings = new GuildSettings(new Store(new Keyv({ throwOnErrors: true }), createLogger('silent')));
  await settings.changeRules('2000', { by: '1', at: 0 }, { maxFlows: 2 });
  const spendLimits = { lastStart: () => null, ready: async () => {} };
  const gate = new Gate({ settings, spendLimits, clock: { now: () => 0 } });
  const save = (flow: Flow) => gate.onSaved(flow, flow);
  return { gate, save, settings };
}

const wish = { guild: '2000', person: '1000', roles: [], channel: '3000', recipe: 'image' as const, texts: [] };

test('of flows begun in the same moment as many go on as are allowed, whichever order they are asked in', async () => {
  const { gate, save } = await gateOfTwo();
  const flows = ['c', 'a', 'd', 'b'].map((id) => someFlow({ id, createdAt: 5 }));
  for (const flow of flows) save(flow);
  const verdicts = await Promise.all(flows.map(async (flow) => [flow.id, (await gate.mayGoOn(flow)).is] as const));
  expect(
    verdicts
      .filter(([, is]) => is === 'allowed')
      .map(([id]) => id)
      .sort(),
  ).toEqual(['a', 'b']);
});

test('flows that ended, that vanished, of others and of other servers are not counted', async () => {
  const { gate, save } = await gateOfTwo();
  save(someFlow({ id: 'a' }));
  save(someFlow({ id: 'b', requester: '1001' }));
  save(someFlow({ id: 'c', guild: '2001' }));
  save(someFlow({ id: 'd', guild: null }));
  expect((await gate.mayBegin(wish)).is).toBe('allowed');
  save(someFlow({ id: 'e' }));
  expect((await gate.mayBegin(wish)).is).toBe('refused');
  save(someFlow({ id: 'e', stage: 'cancelled' }));
  expect((await gate.mayBegin(wish)).is).toBe('allowed');
  save(someFlow({ id: 'e' }));
  gate.forget('e');
  expect((await gate.mayBegin(wish)).is).toBe('allowed');
});

test('a flow in line is asked without waiting, by the rules of that moment', async () => {
  const { gate, save, settings } = await gateOfTwo();
  save(someFlow({ id: 'a', stage: 'queued' }));
  expect(gate.mayStart('a').is).toBe('allowed');
  await settings.changeBlocked('2000', 'people', () => ['1000']);
  expect(gate.mayStart('a')).toMatchObject({ is: 'refused', reason: { code: 'personBlocked' } });
  save(someFlow({ id: 'a', stage: 'submitting' }));
  // It is past the gate: what was confirmed is started once.
  expect(gate.mayStart('a').is).toBe('allowed');
});
