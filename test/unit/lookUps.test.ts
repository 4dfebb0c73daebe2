import { expect, test } from 'vitest';
import { LookUps } from '../../src/engine/lookUps.ts';
import type { PastJob } from '../../src/kubeez/kubeez.ts';
import { someFlow, someModel } from '../flows.ts';

const startedAt = 1_000_000;
const asked = { wait: { submittedAt: startedAt } };
const row = (id: string, createdAt: number): PastJob => ({
  id,
  prompt: 'a fox in snow',
  model: someModel.id,
  createdAt,
});

test('a start of the same request that begins while the history is read keeps its job', async () => {
  const owners = new Map<string, string>();
  const lookUps = new LookUps(
    {
      claim: async (id, flow) => void owners.set(id, flow),
      claimedBy: async (id) => owners.get(id),
    },
    () => startedAt,
  );
  const lost = someFlow({ id: 'lost1234', ...asked });
  const twin = someFlow({ id: 'twin1234', ...asked });
  const rows = [row('of-lost', startedAt - 1_500), row('of-twin', startedAt)];
  const found = await lookUps.find(
    lost,
    {
      history: async () => {
        lookUps.holdBack(twin, someModel.id, 1);
        return rows;
      },
    },
    lost.runs,
  );
  expect(found).toEqual([]);
  owners.set('of-twin', 'twin1234');
  lookUps.release(twin, 1);
  expect(await lookUps.find(lost, { history: async () => rows }, lost.runs)).toEqual([
    { id: 'of-lost', model: someModel.id },
  ]);
});
