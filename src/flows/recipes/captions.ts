import { times } from '../times.ts';
import { one } from './media.ts';
import type { Recipe } from './recipe.ts';

/** Films of up to 30 minutes can be captioned (kubeez.com/docs/how-it-works). */
const longest = 30 * 60;

/** What is said in a clip. The paid call itself waits for the result, 1 to 5 minutes. */
export const captions: Recipe = {
  name: 'captions',
  emoji: '💬',
  makes: 'text',
  takesPrompt: false,
  pool: 'media',
  tool: 'captions',
  generationType: '',
  accepts: (model) => /caption|subtitle/i.test(`${model.id} ${model.name}`),
  // A row that is listed as speech is another service's part in it.
  prefers: (a, b) => Number(a.type === 'speech') - Number(b.type === 'speech') || a.price - b.price,
  needs: (model) => [one('video', model, { seconds: [0, longest] })],
  ownFiles: true,
  listed: () => false,
  start: ({ asked: { inputs, options } }) => ({
    tool: 'captions',
    args: {
      media_url: inputs[0]?.url,
      ...(options.language === undefined ? {} : { language: options.language }),
      ...(options.quality === undefined ? {} : { quality: options.quality }),
    },
  }),
  follow: 'media',
  isInHistory: false,
  patience: times.captionsCall,
};
