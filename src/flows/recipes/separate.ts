import { times } from '../times.ts';
import type { Recipe } from './recipe.ts';

/** Voices and instruments, apart. */
export const separate: Recipe = {
  name: 'separate',
  emoji: '🎚️',
  makes: 'audio',
  takesPrompt: false,
  isLast: true,
  pool: 'media',
  tool: 'separation',
  generationType: '',
  accepts: (model) => model.type === 'separation',
  needs: (model) => [
    {
      kinds: ['audio', 'video'],
      min: 1,
      max: 1,
      ...(model.inputSeconds ? { seconds: model.inputSeconds } : {}),
      ...(model.inputBytes === undefined ? {} : { bytes: model.inputBytes }),
    },
  ],
  ownFiles: true,
  listed: () => false,
  start: ({ asked: { inputs } }) => ({ tool: 'separation', args: { media_url: inputs[0]?.url } }),
  follow: 'separation',
  isInHistory: false,
  patience: times.paidCall,
};
