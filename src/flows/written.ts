import type { Asked } from './asked.ts';
import { sentPrompt } from './style.ts';

/** What people write for a request. Pure. */

/** Options that people write themselves. */
const writtenOptions = [
  'title',
  'style',
  'song_description',
  'lyrics',
  'music_prompt',
  'negative_prompt',
  'negative_tags',
] as const;

/** Everything that somebody wrote for a flow. */
export function textsOf({ prompt, options }: Pick<Asked, 'prompt' | 'options'>): string[] {
  const written = writtenOptions.map((name) => options[name]);
  const spoken = (options.dialogue ?? []).map(({ text }) => text);
  return [prompt, ...written, ...spoken].flatMap((text) => text || []);
}

/**
 * All of it as a text to read, as the platform is given it: the prompt with what a style adds, then options by their names.
 * What is sung or spoken is the prompt, as it was typed.
 */
export function wholeText(asked: Pick<Asked, 'prompt' | 'style' | 'options'>): string {
  const { prompt, options } = asked;
  const written = writtenOptions.flatMap((name) => {
    const text = options[name];
    return text === undefined || text === '' || text === prompt ? [] : [`${name}: ${text}`];
  });
  return [sentPrompt(asked), ...written].filter((text) => text !== '').join('\n\n');
}
