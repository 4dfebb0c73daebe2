import sharp from 'sharp';
import { expect, test } from 'vitest';
import { buttonsOf, type PickedFile, type Value } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { clip, film, pictureFile, song } from '../../playground/props.ts';
import { formOf, messageOf, textOf, uploadLink, uploadTo, useStage } from '../stage.ts';

const stage = useStage();

const picture = async (type = 'image/png', name = 'cat.png'): Promise<PickedFile> => ({
  name,
  type,
  data: await pictureFile(),
});
const words = (name: string, type: string): PickedFile => ({ name, type, data: Buffer.from('only words') });
const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>');
/** How a file begins whose pictures are HEIC. */
const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(200)]);
const encoded = async (format: 'avif' | 'tiff' | 'gif') =>
  sharp(await pictureFile())
    .toFormat(format)
    .toBuffer();

/** Uses a command and gives its card once that says `text`. */
async function cardOf(command: string, values: Record<string, Value>, text: string): Promise<string> {
  const card = messageOf(await stage.ada.command(stage.channel, command, values));
  expect(card.ephemeralFor).toBeNull();
  await stage.discord.world.until(() => textOf(card).includes(text), `${text} (there is: ${textOf(card)})`);
  return textOf(card);
}

test.each<[string, string, () => Promise<Buffer> | Buffer, string]>([
  ['empty.png', 'image/png', () => Buffer.alloc(0), '“empty.png” is empty.'],
  ['notes.png', 'image/png', () => Buffer.from('hello'), '“notes.png” is not an image.'],
  ['photo.heic', 'image/heic', () => heic, '“photo.heic” is of the format HEIC, which Kubeez does not take.'],
  ['photo.jpg', 'image/jpeg', () => heic, '“photo.jpg” is of the format HEIC, which Kubeez does not take.'],
  ['photo.avif', 'image/avif', () => encoded('avif'), '“photo.avif” is of the format AVIF'],
  ['scan.tiff', 'image/tiff', () => encoded('tiff'), '“scan.tiff” is of the format TIFF'],
  ['cat.gif', 'image/gif', () => encoded('gif'), '“cat.gif” is of the format GIF'],
  ['logo.svg', 'image/svg+xml', () => drawing, '“logo.svg” is of the format SVG'],
  ['film.png', 'image/png', () => clip(2), '“film.png” is a video, but'],
])(
  '/edit with %s: the card says what is wrong and which formats work, before any price',
  async (name, type, data, said) => {
    await stage.startBot();
    const image = { name, type, data: await data() };
    const text = await cardOf('edit', { prompt: 'at night', image }, said);
    expect(text).toContain('PNG, JPEG and WebP work. Press **Again** to upload another');
    expect(text).not.toContain('Confirm');
  },
);

/** Every command that takes files, with one whose bytes are not what its name says. */
const misnamed: [command: string, values: () => Promise<Record<string, Value>>][] = [
  ['animate', async () => ({ prompt: 'x', image: words('a.png', 'image/png') })],
  ['motion', async () => ({ prompt: 'x', image: words('a.png', 'image/png'), video: await film() })],
  ['motion', async () => ({ prompt: 'x', image: await picture(), video: words('a.mp4', 'video/mp4') })],
  ['lipsync', async () => ({ prompt: 'x', image: await picture(), audio: words('a.mp3', 'audio/mpeg') })],
  ['captions', async () => ({ file: words('a.mp4', 'video/mp4') })],
  ['separate', async () => ({ file: words('a.mp3', 'audio/mpeg') })],
  ['cutout', async () => ({ image: words('a.png', 'image/png') })],
  ['dub', async () => ({ languages: 'de', file: words('a.mp4', 'video/mp4') })],
  ['sound', async () => ({ prompt: 'x', file: words('a.mp4', 'video/mp4') })],
  ['ad', async () => ({ product: 'x', reference: words('a.png', 'image/png') })],
  ['ad', async () => ({ product: 'x', reference: await picture(), image: words('a.png', 'image/png') })],
];

test.each(misnamed)('/%s: a file of words alone is neither priced nor uploaded', async (command, values) => {
  // A server with a mixture of tools makes all kinds.
  stage.kubeez.platform.settings.generation = 'mixed';
  await stage.startBot();
  const text = await cardOf(command, await values(), '“a.');
  expect(text).toMatch(/“a\.\w+” is not (an?|the) .+ work\. Press \*\*Again\*\* .+ Nothing was spent\./);
  expect(stage.kubeez.platform.uploads.size).toBe(0);
});

test.each(['Edit image', 'Animate image', 'Caption video', 'Separate audio'])(
  'the menu %s looks at a file’s bytes as well',
  async (entry) => {
    await stage.startBot();
    const [name, type] = entry.endsWith('image') ? ['a.png', 'image/png'] : ['a.mp4', 'video/mp4'];
    const outcome = await stage.ada.menu(stage.ben.write(stage.channel, '', [words(name, type)]), entry);
    if (outcome.type === 'form') await stage.ada.submit(stage.channel, formOf(outcome), { prompt: 'x' });
    await stage.card('work. Press **Again** to upload another, or use the command once more. Nothing was spent.');
    expect(stage.kubeez.platform.uploads.size).toBe(0);
  },
);

test.each(['', 'application/octet-stream'])('a file of the type “%s” is judged by its bytes', async (type) => {
  await stage.startBot();
  await cardOf('edit', { prompt: 'at night', image: await picture(type, 'cat') }, 'Confirm');
  await cardOf('edit', { prompt: 'at night', image: words('cat', type) }, '“cat” is not an image.');
  await cardOf('separate', { file: { name: 'tune', type, data: song() } }, 'Confirm');
  await cardOf(
    'motion',
    { prompt: 'x', image: await picture(type, 'a'), video: { ...(await film()), type } },
    'Confirm',
  );
  const message = stage.ben.write(stage.channel, '', [await picture(type, 'cat')]);
  const form = formOf(await stage.ada.menu(message, 'Edit image'));
  const card = messageOf(await stage.ada.submit(stage.channel, form, { prompt: 'at night' }));
  await stage.discord.world.until(() => textOf(card).includes('Confirm'), 'a price');
});

test('Discord does not give a file’s bytes in time: what Discord says of it decides', async () => {
  await stage.startBot({}, undefined, 0.1);
  stage.discord.api.faults.push({ match: /^GET \/attachments/, answer: 'hang', times: 100 });
  await cardOf('edit', { prompt: 'at night', image: await picture() }, 'Confirm');
  await cardOf('edit', { prompt: 'x', image: await picture('application/octet-stream') }, 'Confirm');
  await cardOf('edit', { prompt: 'x', image: { name: 'a.heic', type: 'image/heic', data: heic } }, 'the format HEIC');
  await cardOf('edit', { prompt: 'x', image: { ...(await picture()), data: Buffer.alloc(0) } }, 'is empty');
});

test('the card is there before the file was looked at, and a restart in between looks again', async () => {
  const bot = await stage.startBot();
  stage.discord.api.faults.push({ match: /^GET \/attachments/, answer: 'hang', times: 1 });
  const image = words('cat.png', 'image/png');
  const card = messageOf(await stage.ada.command(stage.channel, 'edit', { prompt: 'at night', image }));
  expect(textOf(card)).toContain('Looking at your file…');
  await bot.stop(1100);
  await stage.startBot();
  await stage.discord.world.until(() => textOf(card).includes('“cat.png” is not an image.'), 'a refusal');
});

test('Again after a file that does not work asks for another', async () => {
  await stage.startBot();
  const image = words('cat.png', 'image/png');
  const card = messageOf(await stage.ada.command(stage.channel, 'edit', { prompt: 'at night', image }));
  await stage.card('is not an image.');
  const again = messageOf(await stage.ada.press(card, 'Again'));
  await stage.discord.world.until(() => textOf(again).includes('in your DMs'), 'a link');
  expect(textOf(again)).toContain('at night');
});

test('a forwarded message’s files count for the menus', async () => {
  await stage.startBot();
  const original: Message = stage.ben.write(stage.thread, 'look', [await picture()]);
  const forwarded = stage.ben.forward(original, stage.channel);
  expect(forwarded.attachments).toEqual([]);
  const form = formOf(await stage.ada.menu(forwarded, 'Edit image'));
  const card = messageOf(await stage.ada.submit(stage.channel, form, { prompt: 'at night' }));
  await stage.discord.world.until(() => textOf(card).includes('Confirm'), 'a price');
  await stage.ada.press(card, 'Confirm');
  expect((await stage.job()).arguments.source_media_urls).toEqual([expect.stringContaining('/cat.png?ex=')]);
});

test('a format that Kubeez does not take is said of uploads by link as well', async () => {
  await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'edit', { prompt: 'at night' }));
  await uploadTo(await uploadLink(stage), ['cat.gif', await encoded('gif')]);
  await stage.card('“cat.gif” is of the format GIF, which Kubeez does not take. PNG, JPEG and WebP work.');
  expect(buttonsOf(card)[0]).toMatchObject({ label: 'Done', disabled: true });
});
