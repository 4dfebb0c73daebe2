import { expect, test } from 'vitest';
import { messageOf, useStage } from '../stage.ts';

const stage = useStage();
const names = () => stage.ada.commands(stage.channel).map(({ name }) => name);
/** How often the commands were registered so far. */
const registrations = () => stage.log.filter((line) => line.includes('"changed":true')).length;

test('at every further start the commands stay as they are, also while Kubeez cannot be reached', async () => {
  stage.kubeez.platform.settings.generation = 'documented';
  await (await stage.startBot()).stop();
  const before = names();
  expect(before).not.toContain('dub');
  expect(registrations()).toBe(1);
  await (await stage.startBot()).stop();
  stage.kubeez.outage.on = true;
  await (await stage.startBot()).stop();
  expect(names()).toEqual(before);
  expect(registrations()).toBe(1);
});

test('a first start without Kubeez shows what is always there, and the rest as soon as it is known; nothing goes again', async () => {
  stage.kubeez.platform.settings.generation = 'newer';
  stage.kubeez.outage.on = true;
  await stage.startBot({}, undefined, 0.02);
  expect(names()).toContain('image');
  expect(names()).not.toContain('dub');
  stage.kubeez.outage.on = false;
  await stage.inTime(stage.discord.world.until(() => registrations() === 2, 'more commands'));
  expect(names()).toEqual(expect.arrayContaining(['image', 'dub']));
});

test('a server that lists no tools at all for a moment takes no command away', async () => {
  stage.kubeez.platform.settings.generation = 'newer';
  await (await stage.startBot()).stop();
  const before = names();
  const shape = { tool: /^tools\/list$/, shape: (message: object) => ({ ...message, result: { tools: [] } }) };
  stage.kubeez.shapes.push(shape);
  await (await stage.startBot()).stop();
  expect(names()).toEqual(before);
  expect(registrations()).toBe(1);
});

test('what the server does not offer is refused at once by a process that has not reached it yet', async () => {
  stage.kubeez.platform.settings.generation = 'newer';
  await (await stage.startBot()).stop();
  stage.kubeez.outage.on = true;
  await stage.startBot();
  const answer = messageOf(await stage.ada.command(stage.channel, 'ad', { product: 'a mug' }));
  expect(answer.content).toBe('This Kubeez server makes no ads. Nothing was spent. (KD-331)');
});
