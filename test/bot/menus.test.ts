import { expect, test } from 'vitest';
import { buttonsOf, type PickedFile } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { film, picture, tune } from '../../playground/props.ts';
import { formOf, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();

/** Somebody writes a message with files. */
const written = (...files: PickedFile[]): Message => stage.ben.write(stage.channel, 'look', files);

async function confirmed(card: Message): Promise<void> {
  await stage.card('Confirm ·');
  expect(buttonsOf(card)[0]?.label).toContain('Confirm');
  await stage.ada.press(card, 'Confirm');
}

test('Edit image: a form for the prompt and the model, the picture of the message', async () => {
  await stage.startBot();
  const form = formOf(await stage.ada.menu(written(await picture()), 'Edit image'));
  expect(form.title).toBe('Edit image');
  const card = messageOf(await stage.ada.submit(stage.channel, form, { prompt: 'at night' }));
  await confirmed(card);
  await stage.card('✅');
  expect((await stage.job()).arguments).toMatchObject({
    prompt: 'at night',
    source_media_urls: [expect.stringContaining('/cat.png?ex=')],
  });
});

test('Animate image: a picker where the message has several pictures, and a restart while the form is open', async () => {
  const bot = await stage.startBot();
  const message = written(await picture('one.png'), await film(), await picture('two.png'));
  const form = formOf(await stage.ada.menu(message, 'Animate image'));
  expect(form.components).toHaveLength(3);
  await bot.stop();
  await stage.startBot();
  const card = messageOf(await stage.ada.submit(stage.channel, form, { file: '1', prompt: 'it blinks' }));
  await confirmed(card);
  await stage.card('✅');
  expect((await stage.job()).arguments.source_media_urls).toEqual([expect.stringContaining('/two.png?ex=')]);
});

test('Caption video and Separate audio begin at once: the file goes to the platform by itself', async () => {
  await stage.startBot();
  const message = written(await film());
  const captions = messageOf(await stage.ada.menu(message, 'Caption video'));
  await confirmed(captions);
  await stage.card('✅');
  // The newer tools give the finished film, the documented ones the words, which become three files.
  expect(captions.attachments).toHaveLength(3);
  const form = formOf(await stage.ada.menu(written(tune(), await film()), 'Separate audio'));
  const parts = messageOf(await stage.ada.submit(stage.channel, form, { file: '0' }));
  await stage.discord.world.until(() => buttonsOf(parts)[0]?.label.startsWith('Confirm'), 'a price');
  expect(textOf(parts)).toContain('> tune');
});

test('a message without a suitable file gets one sentence', async () => {
  await stage.startBot();
  for (const [entry, what] of [
    ['Edit image', 'picture'],
    ['Animate image', 'picture'],
    ['Caption video', 'video'],
  ] as const) {
    const answer = messageOf(await stage.ada.menu(written(tune()), entry));
    expect(answer).toMatchObject({
      ephemeralFor: stage.ada.user.id,
      content: `That message has no ${what}. Pick one that has. Nothing was spent. (KD-224)`,
    });
  }
});

test('a form that is sent off after a day is answered with what to do', async () => {
  await stage.startBot();
  const form = formOf(await stage.ada.menu(written(await picture()), 'Edit image'));
  const old = { ...form, custom_id: 'form:menu:abcdefgh' };
  const answer = messageOf(await stage.ada.submit(stage.channel, old, { prompt: 'x' }));
  expect(answer.content).toBe('That form is too old. Open the menu of the message again. Nothing was spent. (KD-221)');
});
