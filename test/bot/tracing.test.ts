import { expect, test } from 'vitest';
import { z } from 'zod';
import { idIn, messageOf, useStage } from '../stage.ts';

const stage = useStage();

const lineSchema = z.looseObject({
  msg: z.string(),
  flow: z.string().optional(),
  interaction: z.string().optional(),
  trace: z.string().optional(),
});
const lines = () => stage.log.map((line) => lineSchema.parse(JSON.parse(line)));
const traceOf = (traceparent: string) => /^00-([0-9a-f]{32})-[0-9a-f]{16}-01$/.exec(traceparent)?.[1];

/** Has a picture made, from command to result. Gives the flow's id. */
async function make(prompt: string): Promise<string> {
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'z-image' }));
  await stage.says(card, '[Confirm ·');
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, '✅');
  return idIn(card);
}

test('one number leads from the command over the calls of Kubeez to the result', async () => {
  await stage.startBot();
  const calls = () => stage.kubeez.calls.calls;
  const [fox, wolf] = await Promise.all([make('a fox'), make('a wolf')]);
  for (const flow of [fox, wolf]) {
    const own = lines().filter((line) => line.flow === flow);
    const [trace, ...others] = new Set(own.map((line) => line.trace));
    expect(others).toEqual([]);
    expect(trace).toMatch(/^[0-9a-f]{32}$/);
    // The first line and that of the press name what Discord sent, too.
    expect(own.filter(({ interaction }) => interaction).map(({ msg }) => msg)).toEqual(['new flow', 'press']);
    const paid = calls().filter(({ jobs }) =>
      jobs.some(({ prompt }) => prompt === (flow === fox ? 'a fox' : 'a wolf')),
    );
    expect(paid.map(({ traceparent }) => traceOf(traceparent))).toEqual([trace]);
  }
  // Reads that concern no flow, such as that of the catalogue, have a trace as well.
  expect(calls().filter(({ traceparent }) => traceOf(traceparent) === undefined)).toEqual([]);
  expect(new Set(calls().map(({ traceparent }) => traceparent)).size).toBe(calls().length);
});

test('an answer of an unknown form: the log has its shape and nothing of what it says', async () => {
  await stage.startBot();
  stage.kubeez.shapes.push({
    tool: /balance/,
    shape: (message) => ({
      ...message,
      result: { content: [{ type: 'text', text: '{"left": {"amount": "secret words"}}' }] },
    }),
  });
  await stage.ada.command(stage.channel, 'balance', {});
  const odd = await stage.discord.world.until(
    () => lines().find(({ msg }) => msg === 'Kubeez answered in an unknown form'),
    'a line of the log',
  );
  expect(odd).toMatchObject({ tool: 'balance', shape: { content: [{ left: { amount: 'string' } }] } });
  expect(odd.trace).toMatch(/^[0-9a-f]{32}$/);
  expect(stage.log.join('')).not.toContain('secret words');
});
