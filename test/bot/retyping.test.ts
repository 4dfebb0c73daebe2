import { expect, test } from 'vitest';
import { linesOf } from '../../playground/discord/forms.ts';
import type { Form } from '../../playground/discord/interactions.ts';
import { buttonsOf, type Value } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { film, picture } from '../../playground/props.ts';
import { formOf, labels, messageOf, spokenIn, textOf, useStage } from '../stage.ts';

const stage = useStage();

const lineOf = (form: Form, id: string) => linesOf(form).find((line) => line.id === id)?.value;
/** A text of so many characters, in words. */
const long = (length: number) =>
  'a fox in deep snow '
    .repeat(length)
    .slice(0, length - 1)
    .concat('.');

/** Presses Edit under a refusal and gives the form. */
async function editForm(refusal: Message): Promise<Form> {
  expect(refusal.ephemeralFor).toBe(stage.ada.user.id);
  expect(refusal.content).toMatch(/nothing was spent\. \(KD-\d{3}\)$/i);
  expect(labels(refusal)).toEqual(['Edit']);
  return formOf(await stage.ada.press(refusal, 'Edit'));
}

/** Sends a form and gives the card once that shows a price. */
async function quoted(form: Form, values: Record<string, string> = {}): Promise<Message> {
  const card = messageOf(await stage.ada.submit(stage.channel, form, values));
  expect(card.ephemeralFor).toBeNull();
  await stage.discord.world.until(() => textOf(card).includes('Confirm ·'), `a price: ${textOf(card)}`);
  return card;
}

type Case = [
  command: string,
  values: () => Promise<Record<string, Value>>,
  typed: Record<string, string>,
  mended: Record<string, string>,
];

const refused: Case[] = [
  ['image', async () => ({ prompt: 'a fox', model: 'no-such' }), { prompt: 'a fox' }, { model: 'nano-banana' }],
  [
    'image',
    async () => ({ prompt: 'a fox', model: 'gpt-1.5-image-high', aspect: '16:9' }),
    { prompt: 'a fox', model: 'gpt-1.5-image-high', aspect: '16:9' },
    { aspect: '2:3' },
  ],
  [
    'video',
    async () => ({ prompt: 'a fox', model: 'wan-2-5', sound: true }),
    { prompt: 'a fox', model: 'wan-2-5', sound: 'true' },
    { sound: '' },
  ],
  [
    'animate',
    async () => ({ prompt: 'a fox', duration: '99s', model: 'kling-3-0-pro', image: await picture() }),
    { prompt: 'a fox', duration: '99s', model: 'kling-3-0-pro' },
    { duration: '' },
  ],
  ['speech', async () => ({ text: 'Good morning.', voice: 'Gandalf' }), { text: 'Good morning.' }, { voice: 'Paul' }],
  ['speech', async () => ({ text: 'Hi', language: 'de' }), { text: 'Hi', language: 'de' }, { text: 'Hi there.' }],
  ['music', async () => ({ prompt: long(401) }), { prompt: long(401) }, { prompt: 'rain' }],
  ['captions', async () => ({ language: 'elvish', file: await film() }), { language: 'elvish' }, { language: 'de' }],
  [
    'ad',
    async () => ({ product: 'a mug', aspect: '7:11', variants: 2, reference: await picture('ad.png') }),
    { product: 'a mug', aspect: '7:11', variants: '2' },
    { aspect: '4:5' },
  ],
  [
    'dub',
    async () => ({ languages: 'de, elvish', file: await film() }),
    { languages: 'de, elvish' },
    { languages: 'de' },
  ],
  [
    'sound',
    async () => ({ prompt: 'a door creaks', music: 'a harp', seconds: 4, model: 'sonilo-text-to-sfx' }),
    { prompt: 'a door creaks', music: 'a harp', seconds: '4' },
    { music: '' },
  ],
];

test.each(refused)(
  '/%s is refused: Edit shows all that was typed, and what it then says is priced (%#)',
  async (command, values, typed, mended) => {
    // A server with a mixture of tools makes all kinds.
    stage.kubeez.platform.settings.generation = 'mixed';
    await stage.startBot();
    const form = await editForm(messageOf(await stage.ada.command(stage.channel, command, await values())));
    for (const [id, value] of Object.entries(typed)) expect(lineOf(form, id)).toBe(value);
    await quoted(form, mended);
    // What was attached is not asked for again.
    expect(stage.ada.directMessages()).toEqual([]);
  },
);

test('a prompt of nearly 6,000 characters is edited in two fields, and not a character is lost', async () => {
  await stage.startBot();
  const prompt = long(5900);
  const values = { prompt, model: 'seedream-v4', image: await picture() };
  const { image: _, ...words } = values;
  const form = await editForm(messageOf(await stage.ada.command(stage.channel, 'image', words)));
  expect(lineOf(form, 'prompt')?.concat(lineOf(form, 'more') ?? '')).toBe(prompt);
  // Refused again, with the same words, as long as they are too many.
  const again = await editForm(messageOf(await stage.ada.submit(stage.channel, form)));
  expect(lineOf(again, 'prompt')?.concat(lineOf(again, 'more') ?? '')).toBe(prompt);
  const card = await quoted(again, { prompt: 'a short fox', more: '' });
  expect(textOf(card)).toContain('> a short fox');
});

test('a restart between a refusal and Edit loses nothing', async () => {
  const bot = await stage.startBot();
  const refusal = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'no-such' }));
  await bot.stop();
  await stage.startBot();
  expect(lineOf(await editForm(refusal), 'prompt')).toBe('a fox');
});

test('what was typed is for whoever typed it', async () => {
  await stage.startBot();
  const refusal = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'no-such' }));
  const [edit] = buttonsOf(refusal);
  expect(edit?.custom_id).toMatch(/^form:edit:[a-z0-9]{8}$/);
  const other = messageOf(await stage.ben.pressRaw(refusal, edit?.custom_id ?? ''));
  expect(other).toMatchObject({ ephemeralFor: stage.ben.user.id, components: [] });
  expect(other.content).toContain('no longer kept');
});

test('a file of a kind that does not fit: Edit goes on with the words, and the link asks for another', async () => {
  await stage.startBot();
  const image = { name: 'notes.txt', type: 'text/plain', data: Buffer.from('x') };
  const form = await editForm(messageOf(await stage.ada.command(stage.channel, 'edit', { prompt: 'at night', image })));
  const card = messageOf(await stage.ada.submit(stage.channel, form));
  await stage.discord.world.until(() => textOf(card).includes('Waiting for 1'), 'an upload');
  expect(textOf(card)).toContain('> at night');
});

test('forms of menus, next steps and songs are refused with Edit as well', async () => {
  await stage.startBot();
  const menu = formOf(await stage.ada.menu(stage.ben.write(stage.channel, '', [await picture()]), 'Edit image'));
  const model = 'seedream-v4-edit';
  const tooLong = messageOf(await stage.ada.submit(stage.channel, menu, { prompt: long(3900), model }));
  const edited = await editForm(tooLong);
  expect(lineOf(edited, 'prompt')).toBe(long(3900));
  const card = await quoted(edited, { prompt: 'at night' });
  await stage.ada.press(card, 'Confirm');
  await stage.discord.world.until(() => labels(card).includes('Vary'), 'the result');

  const words = formOf(await stage.ada.press(card, 'Edit prompt'));
  const reworded = await editForm(
    messageOf(await stage.ada.submit(stage.channel, words, { prompt: long(3901) }, card)),
  );
  expect(lineOf(reworded, 'prompt')).toBe(long(3901));
  await quoted(reworded, { prompt: 'at dawn' });

  const vary = formOf(await stage.ada.press(card, 'Vary'));
  const many = await editForm(messageOf(await stage.ada.submit(stage.channel, vary, { variants: '9' }, card)));
  expect(lineOf(many, 'variants')).toBe('9');
  await quoted(many, { variants: '2' });

  const song = formOf(await stage.ada.command(stage.channel, 'music', { custom: true }));
  const typed = { title: 'Rain', style: 'pop', words: 'Lyrics: la\nDescription: rain', avoid: 'drums' };
  const both = await editForm(messageOf(await stage.ada.submit(stage.channel, song, typed)));
  for (const [id, value] of Object.entries(typed)) expect(lineOf(both, id)).toBe(value);
  await quoted(both, { words: 'la\nla' });

  const lyrics = messageOf(await stage.ada.command(stage.channel, 'music', { custom: true, prompt: long(5000) }));
  const shortened = await editForm(lyrics);
  expect(lineOf(shortened, 'prompt')?.concat(lineOf(shortened, 'more') ?? '')).toBe(long(5000));
});

test('a speech of several speakers is edited with every line', async () => {
  await stage.startBot();
  const form = formOf(await stage.ada.command(stage.channel, 'speech', {}));
  const text = 'Rachel: Hello.\nBob: Hello.';
  const edited = await editForm(messageOf(await stage.ada.submit(stage.channel, form, { text })));
  expect(lineOf(edited, 'text')).toBe(text);
  const card = await quoted(edited, { text: text.replace('Bob', 'Paul') });
  await stage.ada.press(card, 'Confirm');
  expect(JSON.stringify(spokenIn(await stage.job()))).toContain('Paul');
});

test.each([
  ['cancelled', async (card: Message) => void (await stage.ada.press(card, 'Cancel')), 'Cancelled. Nothing was spent.'],
  [
    'expired',
    async () => stage.clock.advance(3_700_000),
    'This expired before anyone confirmed it. Nothing was spent.',
  ],
])('a card that was %s offers Edit prompt and Again, with the text still there', async (_, close, said) => {
  await stage.startBot();
  const values = { prompt: 'a fox', model: 'nano-banana', aspect: '16:9' };
  const card = messageOf(await stage.ada.command(stage.channel, 'image', values));
  await stage.discord.world.until(() => textOf(card).includes('Confirm ·'), 'a price');
  await close(card);
  await stage.discord.world.until(() => textOf(card).includes(said), said);
  expect(labels(card)).toEqual(['Edit prompt', 'Again']);
  const form = formOf(await stage.ada.press(card, 'Edit prompt'));
  expect(lineOf(form, 'prompt')).toBe('a fox');
  const edited = await quoted(form, { prompt: 'a wolf' });
  expect(textOf(edited)).toMatch(/> a wolf\n.* · 16:9/);
  const again = messageOf(await stage.ada.press(card, 'Again'));
  await stage.discord.world.until(() => textOf(again).includes('Confirm ·'), 'a price');
});

test('an upload that was cancelled: Again has the words, and the file that was given', async () => {
  const fault = { match: /^GET \/attachments/, answer: 'hang' as const, times: 1 };
  stage.discord.api.faults.push(fault);
  await stage.startBot();
  const card = messageOf(
    await stage.ada.command(stage.channel, 'edit', { prompt: 'at night', image: await picture() }),
  );
  await expect.poll(() => fault.times).toBe(0);
  await stage.ada.press(card, 'Cancel');
  await stage.discord.world.until(() => labels(card).includes('Again'), 'Again');
  const again = messageOf(await stage.ada.press(card, 'Again'));
  await stage.discord.world.until(() => textOf(again).includes('Confirm ·'), 'a price');
  expect(stage.ada.directMessages()).toEqual([]);
});

test('where nothing typed is at fault there is no Edit, and Try again has the text', async () => {
  await stage.startBot();
  stage.channel.denied.add('AttachFiles');
  const refusal = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  expect(labels(refusal)).toEqual(['Try again']);
  stage.channel.denied.delete('AttachFiles');
  const card = messageOf(await stage.ada.press(refusal, 'Try again'));
  await stage.discord.world.until(() => textOf(card).includes('Confirm ·'), 'a price');
  expect(textOf(card)).toContain('> a fox');
});
