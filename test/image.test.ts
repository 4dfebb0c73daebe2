import { afterEach, beforeEach, expect, test } from 'vitest';
import { messageOf, startTestStage, type TestStage, textOf } from './stage.ts';

let stage: TestStage;
beforeEach(async () => {
  stage = await startTestStage();
});
afterEach(async () => {
  if (process.env.SHOW_LOG) console.log(stage.log.join(''));
  await stage.close();
});

test('a picture: price, Confirm, result on the same card', async () => {
  await stage.startBot();
  const card = messageOf(
    await stage.ada.command(stage.channel, 'image', { prompt: 'a fox in snow', model: 'nano-banana', aspect: '16:9' }),
  );
  await stage.card('7 credits');
  expect(stage.paid()).toBe(0);
  expect(buttonNames(textOf(card))).toEqual(['Confirm · 7 credits', 'Cancel']);
  await stage.ada.press(card, 'Confirm');
  const done = await stage.card('✅');
  expect(done.id).toBe(card.id);
  expect(textOf(done)).toContain('7 credits charged');
  expect(stage.paid()).toBe(1);
  const [file] = done.attachments;
  expect(file).toMatchObject({ content_type: 'image/png', description: 'a fox in snow' });
  expect(file?.filename).toMatch(/^a-fox-in-snow-\w{8}\.png$/);
});

const buttonNames = (text: string) => [...text.matchAll(/\[(.+)\]/g)].map(([, name]) => name);
