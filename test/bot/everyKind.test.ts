import { beforeEach, expect, test } from 'vitest';
import type { Value } from '../../playground/discord/person.ts';
import { tune } from '../../playground/props.ts';
import { kinds } from '../kinds.ts';
import { messageOf, useStage } from '../stage.ts';

const stage = useStage();
// A server with a mixture of tools makes all kinds.
beforeEach(() => {
  stage.kubeez.platform.settings.generation = 'mixed';
});

test.each(kinds)('/%s: Cancel costs nothing', async (name, values) => {
  await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, name, await values()));
  await stage.card('Confirm ·');
  await stage.ada.press(card, 'Cancel');
  await stage.card('Cancelled. Nothing was spent.');
  expect(stage.paid()).toBe(0);
  expect(stage.kubeez.platform.credits).toBe(1000);
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
  expect(answer.content).toMatch(/[Nn]othing was spent\. \(KD-\d{3}\)$/);
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
