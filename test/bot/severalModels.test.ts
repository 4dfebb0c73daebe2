import { expect, test } from 'vitest';
import type { Fault } from '../../playground/kubeez/faults.ts';
import { jobsOf, runsIn } from '../../src/flows/runs.ts';
import { idIn, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

/**
 * The card of a flow of Nano Banana and Z Image. No command starts one yet: the record of a flow of one model gets
 * another run, of another model, while no bot runs.
 */
async function ofTwoModels() {
  const bot = await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.says(card, 'Confirm · 7 credits');
  await bot.stop(2000);
  const { asked, runs } = await stage.readFlow(idIn(card));
  const [model] = asked.models;
  await stage.changeFlow(idIn(card), {
    stage: 'quoting',
    asked: { models: [model, { ...model, id: 'z-image', name: 'Z Image' }] },
    runs: runs.flatMap((run) => [run, { ...run, model: 'z-image', call: 2 }]),
    money: { quote: null },
    wait: { nextCheckAt: stage.clock.now() },
  });
  await stage.startBot();
  await stage.says(card, 'Confirm · 11 credits');
  return card;
}

/** What happens to the paid call of one of the models. */
function faultFor(model: 'nano-banana' | 'z-image', fault: Omit<Fault, 'tool' | 'times'>): void {
  let calls = 0;
  const number = model === 'nano-banana' ? 1 : 2;
  const tool = { test: (asked: string) => asked === 'generate_media' && ++calls === number } as RegExp;
  stage.kubeez.faults.push({ tool, times: 1, ...fault });
}

const paidFor = () => [...stage.kubeez.platform.jobs.values()].map(({ model }) => model);

test('a flow of two models: the sum is confirmed, each starts once, and both results are on the card', async () => {
  const card = await ofTwoModels();
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, '✅ 11 credits');
  expect(paidFor()).toEqual(['nano-banana', 'z-image']);
  expect(card.attachments).toHaveLength(2);
  expect(textOf(card)).toContain('Nano Banana and Z Image');
});

test.each(['nano-banana', 'z-image'] as const)(
  'a flow of two models, the answer of %s lost: its job is found by its own model, and nothing is paid twice',
  async (model) => {
    const card = await ofTwoModels();
    faultFor(model, { how: 'lost' });
    await stage.ada.press(card, 'Confirm');
    await stage.job();
    await stage.inTime(stage.says(card, '✅ 11 credits'));
    const paid = [...stage.kubeez.platform.jobs.values()].map(({ id, model: by }) => [by, id]);
    const flow = await stage.readFlow(idIn(card));
    expect(runsIn(flow, 'job').map((run) => run.model)).toEqual(paid.map(([by]) => by));
    expect(jobsOf(flow).map(({ id }) => id)).toEqual(paid.map(([, id]) => id));
    expect(card.attachments).toHaveLength(2);
  },
);

test('a flow of two models, the second one refused: the first is shown, and costs its own part', async () => {
  const card = await ofTwoModels();
  faultFor('z-image', { how: 'errorBefore', text: 'Refused by the safety filter' });
  await stage.ada.press(card, 'Confirm');
  await stage.inTime(stage.says(card, '✅ 1 of 2 · 7 credits'));
  expect(textOf(card)).toContain('1 of 2 could not be started');
  expect(paidFor()).toEqual(['nano-banana']);
});
