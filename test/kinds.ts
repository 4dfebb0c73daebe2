import type { Value } from '../playground/discord/person.ts';
import { film, picture, tune } from '../playground/props.ts';

/** One of each kind of flow; words with “doomed” make the platform fail. */
export const kinds: [name: string, values: () => Promise<Record<string, Value>>][] = [
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
