import { times } from '../times.ts';
import { one } from './media.ts';
import type { Recipe } from './recipe.ts';

/** Clips of up to five minutes. */
const longest = 300;

/** A clip in other languages: one call, one file a language. */
export const dub: Recipe = {
  name: 'dub',
  emoji: '🌍',
  makes: 'video',
  takesPrompt: false,
  takesModel: true,
  pool: 'media',
  tool: 'dub',
  generationType: '',
  accepts: (model) => model.type === 'dubbing' || /dubbing/i.test(`${model.id} ${model.name}`),
  needs: (model) => [one('video', model, { seconds: [0, longest] })],
  ownFiles: true,
  listed: () => false,
  start: ({ asked: { inputs, options } }, { model }) => ({
    tool: 'dub',
    args: { model: model.id, video_url: inputs[0]?.url, languages: options.languages },
  }),
  follow: 'media',
  isInHistory: true,
  patience: times.paidCall,
};
