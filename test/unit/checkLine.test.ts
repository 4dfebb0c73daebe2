import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CheckLine } from '../../src/engine/checkLine.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { createLogger } from '../../src/log.ts';
import { currentTrace, traceOf } from '../../src/trace.ts';
import { someFlow } from '../flows.ts';

const aRunning = (number: number, account = 'default'): Flow => ({
  ...someFlow({ stage: 'running' }),
  id: `flow${number}`,
  account,
});

/** A line whose checks go on until they are let through; `stored` is what the store has of each flow. */
function setUp(flows: Flow[]) {
  const stored = new Map<string, Flow | Error>(flows.map((flow) => [flow.id, flow]));
  const underWay = new Map<string, () => void>();
  const loaded: string[] = [];
  const traces: (string | undefined)[] = [];
  const line = new CheckLine({
    load: async (id) => {
      loaded.push(id);
      const flow = stored.get(id);
      if (flow instanceof Error) throw flow;
      return flow;
    },
    check: ({ id }) => {
      traces.push(currentTrace());
      return new Promise((resolve) => underWay.set(id, resolve));
    },
    log: createLogger('silent'),
  });
  const end = async (id: string) => {
    underWay.get(id)?.();
    underWay.delete(id);
    for (let turns = 0; turns < 3; turns++) await setImmediate();
  };
  return { line, stored, underWay, loaded, traces, end };
}

const many = Array.from({ length: 103 }, (_, number) => aRunning(number));

test('a hundred flows of an account look at their jobs at once; the others follow, each with its record as it is then', async () => {
  const { line, stored, underWay, loaded, traces, end } = setUp(many);
  for (const flow of many) void line.run(flow);
  void line.run(aRunning(1000, 'another'));
  expect(underWay.size).toBe(101);
  expect(loaded).toEqual([]);

  await end('flow7');
  expect(loaded).toEqual(['flow100']);
  expect(underWay.has('flow100')).toBe(true);
  expect(traces.at(-1)).toBe(traceOf('flow100'));

  // Ended meanwhile, and gone from the store.
  stored.set('flow101', { ...aRunning(101), stage: 'delivered' });
  stored.delete('flow102');
  await end('flow8');
  expect(loaded).toEqual(['flow100', 'flow101', 'flow102']);
  expect(underWay.size).toBe(100);
});

test('a flow that is asked for again waits once', async () => {
  const { line, underWay, loaded, end } = setUp(many);
  for (const flow of [...many, ...many]) void line.run(flow);
  expect(underWay.size).toBe(100);
  for (const { id } of many) await end(id);
  expect(loaded).toEqual(['flow100', 'flow101', 'flow102']);
  expect(underWay.size).toBe(0);
});

test('while the store is away nobody waits: the next wake-up asks again', async () => {
  const { line, stored, underWay, loaded, end } = setUp(many);
  for (const flow of many) void line.run(flow);
  stored.set('flow100', new Error('The store is away'));
  await end('flow1');
  await end('flow2');
  expect(loaded).toEqual(['flow100']);
  void line.run(aRunning(101));
  expect(underWay.has('flow101')).toBe(true);
});

test('after a stop none follows', async () => {
  const { line, loaded, end } = setUp(many);
  for (const flow of many) void line.run(flow);
  line.stop();
  await end('flow1');
  expect(loaded).toEqual([]);
});
