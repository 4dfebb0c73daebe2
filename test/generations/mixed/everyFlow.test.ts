import { expect, test } from 'vitest';
import { buttonsOf, type Value } from '../../../playground/discord/person.ts';
import type { Message } from '../../../playground/discord/world.ts';
import { film, picture, tune } from '../../../playground/props.ts';
import { generation, messageOf, spokenIn, textOf, useStage } from '../../stage.ts';

const stage = useStage();

/** One of each kind of flow; words with “doomed” make the platform fail. */
const all: [name: string, values: () => Promise<Record<string, Value>>][] = [
  ['image', async () => ({ prompt: 'a doomed fox', model: 'nano-banana' })],
  ['edit', async () => ({ prompt: 'a doomed fox', model: 'qwen-image-to-image', image: await picture() })],
  ['video', async () => ({ prompt: 'a doomed ship', model: 'grok-text-to-video-6s' })],
  ['animate', async () => ({ prompt: 'a doomed fox', model: 'grok-image-to-video', image: await picture() })],
  ['motion', async () => ({ prompt: 'a doomed dance', image: await picture(), video: await film() })],
  ['lipsync', async () => ({ prompt: 'a doomed song', model: 'p-video', image: await picture(), audio: tune() })],
  ['music', async () => ({ prompt: 'a doomed song' })],
  ['speech', async () => ({ text: 'We are doomed.' })],
  ['separate', async () => ({ file: tune() })],
  ['captions', async () => ({ file: await film() })],
  ['ad', async () => ({ product: 'a doomed mug', variants: 2, reference: await picture() })],
  ['cutout', async () => ({ image: await picture() })],
  ['sound', async () => ({ prompt: 'a doomed door creaks', seconds: 4 })],
  ['dub', async () => ({ languages: 'de, French', file: await film() })],
];

/** The newer generation makes no ads, the documented one nothing of the last three; a server in between makes all. */
const missing: Record<typeof generation, string[]> = {
  documented: ['cutout', 'sound', 'dub'],
  newer: ['ad'],
  mixed: [],
};
const kinds = all.filter(([name]) => !missing[generation].includes(name));

const jobsOf = (name: string) => (['ad', 'dub'].includes(name) ? 2 : 1);

async function quoted(name: string, values: () => Promise<Record<string, Value>>): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, name, await values()));
  await stage.card('Confirm ·');
  return card;
}

test.each(kinds)('/%s: Cancel costs nothing', async (name, values) => {
  await stage.startBot();
  const card = await quoted(name, values);
  await stage.ada.press(card, 'Cancel');
  await stage.card('Cancelled. Nothing was spent.');
  expect(stage.paid()).toBe(0);
  expect(stage.kubeez.platform.credits).toBe(1000);
});

test.each(kinds)('/%s: a failure is said, with what was charged, and can be tried again', async (name, values) => {
  stage.holdJobs();
  await stage.startBot();
  const card = await quoted(name, values);
  await stage.ada.press(card, 'Confirm');
  await stage.job(jobsOf(name));
  for (const { id } of stage.kubeez.platform.jobs.values())
    stage.kubeez.platform.finish(id, 'failed', 'The provider could not finish this job.');
  await stage.cardInTime('❌');
  // A tool that waits for its result refuses it: nothing was accepted, so it is a refusal of the start.
  expect(textOf(card)).toContain(name === 'captions' ? 'Nothing was spent' : 'Kubeez could not make this.');
  expect(textOf(card)).toContain('The provider could not finish this job.');
  expect(stage.kubeez.platform.credits).toBe(1000);
  expect(buttonsOf(card).map(({ label }) => label)).toContain('Again');
});

test.each(kinds.filter(([name]) => name !== 'captions'))('/%s: a restart while it runs', async (name, values) => {
  stage.holdJobs();
  const first = await stage.startBot();
  const card = await quoted(name, values);
  await stage.ada.press(card, 'Confirm');
  const jobs = jobsOf(name);
  await stage.job(jobs);
  await first.stop();
  await stage.startBot();
  for (const { id } of stage.kubeez.platform.jobs.values()) stage.kubeez.platform.finish(id);
  expect((await stage.cardInTime('✅')).id).toBe(card.id);
  expect(stage.paid()).toBe(jobs);
});

test.each<[what: string, name: string, values: Record<string, Value>, sentence: string]>([
  ['a prompt of spaces', 'image', { prompt: '    ' }, 'The prompt is empty. Say what you want to see.'],
  ['no idea for a song', 'music', {}, 'Say in `prompt` what the songs are about'],
  [
    'an idea that is too long',
    'music',
    { prompt: 'la '.repeat(200) },
    'The prompt has 599 characters, but a song takes 400',
  ],
  ['a text that is too short', 'speech', { text: 'Hi' }, 'The text has 2 characters, but a speech takes 5 to 5,000.'],
  ['a text that is too long', 'speech', { text: 'x'.repeat(5001) }, 'The text has 5,001 characters'],
  [
    'an unknown voice',
    'speech',
    { text: 'Hello there', voice: 'Darth' },
    'There is no voice “Darth”. Pick one from the list',
  ],
  ['the best captions of an unknown language', 'captions', { quality: 'best' }, 'needs the language'],
  [
    'a model of another kind',
    'lipsync',
    { prompt: 'x', model: 'imagen-4' },
    'There is no model “imagen-4” for /lipsync.',
  ],
  ['a sound to caption', 'captions', { file: tune() }, '“tune.mp3” is a sound, but Auto Caption needs 1 video'],
  [
    'a file that is no media at all',
    'separate',
    { file: { name: 'notes.pdf', type: 'application/pdf', data: Buffer.from('%PDF') } },
    '“notes.pdf” is not a sound or a video. MP3, WAV, plain MP4 and MOV work.',
  ],
])('%s gets one sentence, and nothing is spent', async (_, name, values, sentence) => {
  await stage.startBot();
  const answer = messageOf(await stage.ada.command(stage.channel, name, values));
  expect(answer).toMatchObject({ ephemeralFor: stage.ada.user.id, content: expect.stringContaining(sentence) });
  expect(answer.content).toMatch(/[Nn]othing was spent\.$/);
  expect(stage.discord.world.messagesIn(stage.channel.id)).toHaveLength(1);
  expect(stage.paid()).toBe(0);
});

test('a sound that is none by its bytes is refused before anything is priced, with the formats that work', async () => {
  await stage.startBot();
  const file = { name: 'song.mp3', type: 'audio/mpeg', data: Buffer.from('this is no song') };
  await stage.ada.command(stage.channel, 'separate', { file });
  await stage.card('“song.mp3” is not a sound or a video. MP3, WAV, plain MP4 and MOV work. Press **Again**');
  expect(stage.paid()).toBe(0);
});

test('right-to-left text and emoji are spoken and sung like any other', async () => {
  await stage.startBot();
  const text = 'שלום 👩‍👩‍👧 عالم';
  const card = messageOf(await stage.ada.command(stage.channel, 'speech', { text }));
  await stage.card('Confirm ·');
  await stage.ada.press(card, 'Confirm');
  await stage.card('✅');
  expect(spokenIn(await stage.job())).toEqual([{ text }]);
  expect(card.attachments[0]?.filename).toMatch(/^שלום-عالم-\w{8}\.mp3$/);
});
