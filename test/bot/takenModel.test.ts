import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { picture } from '../../playground/props.ts';
import { formOf, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

async function quoted(command: string, wish: Record<string, unknown>): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, command, wish as Record<string, string>));
  await stage.discord.world.until(() => buttonsOf(card)[0]?.label?.startsWith('Confirm ·'), 'a price');
  return card;
}

const cat = () => picture();

test('the cheapest row for a picture removes backgrounds or makes pictures larger: /edit takes neither by itself', async () => {
  stage.kubeez.platform.settings.generation = 'documented';
  await stage.startBot();
  const card = await quoted('edit', { prompt: 'a hat on the cat', image: await cat() });
  expect(textOf(card)).toContain('P Image Edit');
  expect(textOf(card)).toContain('-# P Image Edit, the cheapest that fits.');
  // By its name it may be chosen; then there is nothing to explain.
  const chosen = await quoted('edit', { prompt: 'larger', image: await cat(), model: 'crisp-upscaler' });
  expect(textOf(chosen)).toContain('Crisp Upscaler');
  expect(textOf(chosen)).not.toContain('-#');
});

test('the menu Edit image proposes a model that reads words', async () => {
  stage.kubeez.platform.settings.generation = 'documented';
  await stage.startBot();
  const message = stage.ada.write(stage.channel, 'look', [await cat()]);
  const form = formOf(await stage.ada.menu(message, 'Edit image'));
  expect(JSON.stringify(form)).toMatch(/P Image Edit[^{}]*"default":true/);
});

test('a special row that is used most here is still not taken by itself', async () => {
  stage.kubeez.platform.settings.generation = 'documented';
  await stage.startBot();
  const first = await quoted('edit', { prompt: 'larger', image: await cat(), model: 'crisp-upscaler' });
  await stage.ada.press(first, 'Confirm');
  await stage.cardInTime('✅');
  expect(textOf(await quoted('edit', { prompt: 'a hat', image: await cat() }))).toContain('P Image Edit');
});

test('where only special rows are left, one has to be chosen', async () => {
  stage.kubeez.platform.rows = stage.kubeez.platform.rows.filter(
    (row) => !row.generation_types.includes('image-to-image') || /upscaler|cleaner/.test(row.model_id),
  );
  await stage.startBot();
  const wish = { prompt: 'a hat', image: await cat() };
  const answer = messageOf(await stage.ada.command(stage.channel, 'edit', wish));
  expect(answer.content).toContain('Each model for /edit does one special thing. Choose one in `model`');
  expect(answer.ephemeralFor).toBe(stage.ada.user.id);
});

test('the model that the server picks is taken, and the card says so; after a restart without Kubeez it is still known', async () => {
  Object.assign(stage.kubeez.platform.settings, {
    generation: 'newer',
    picks: { 'text-to-image': 'nano-banana', 'image-to-image': 'nano-banana-edit' },
  });
  const bot = await stage.startBot();
  const knowsPicks = () => stage.log.some((line) => line.includes('Kubeez picks these models'));
  await stage.discord.world.until(knowsPicks, 'picks');
  const card = await quoted('image', { prompt: 'a fox' });
  expect(textOf(card)).toContain('-# Nano Banana, picked by Kubeez for this.');
  expect(textOf(await quoted('edit', { prompt: 'a hat', image: await cat() }))).toContain('Nano Banana Edit');
  // It goes before the most used here.
  const other = await quoted('image', { prompt: 'a fox', model: 'z-image' });
  await stage.ada.press(other, 'Confirm');
  await stage.cardInTime('✅');
  expect(textOf(await quoted('image', { prompt: 'a fox' }))).toContain('picked by Kubeez for this');

  await bot.stop();
  stage.kubeez.outage.on = true;
  await stage.startBot();
  const away = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox' }));
  expect(textOf(away)).toContain('Nano Banana');
});

test('a server that picks nothing, or a model that is not in its catalogue: the most used here, else the cheapest', async () => {
  Object.assign(stage.kubeez.platform.settings, { generation: 'newer' });
  stage.kubeez.shapes.push({
    tool: /^pick_model$/,
    shape: (message) => ({
      ...message,
      result: { content: [{ type: 'text', text: '{"primary":{"model_id":"gone"}}' }] },
    }),
  });
  await stage.startBot();
  expect(textOf(await quoted('image', { prompt: 'a fox' }))).toContain('-# Z Image, the cheapest that fits.');
  const other = await quoted('image', { prompt: 'a fox', model: 'nano-banana' });
  await stage.ada.press(other, 'Confirm');
  await stage.cardInTime('✅');
  expect(textOf(await quoted('image', { prompt: 'a fox' }))).toContain('-# Nano Banana, the most used here.');
});
