import { times } from '../times.ts';
import type { Recipe } from './recipe.ts';

/** Spoken words; followed like media (kubeez.com/docs/limitations). */
export const speech: Recipe = {
  name: 'speech',
  title: 'Speech',
  emoji: '🗣️',
  pool: 'speech',
  generationType: '',
  accepts: (model) => model.type === 'speech' && !/caption|transcri/i.test(`${model.id} ${model.name}`),
  needs: () => [],
  ownFiles: false,
  listed: () => false,
  start: ({ options, prompt }) => ({
    tool: 'speech',
    args: { dialogue: options.dialogue ?? [{ text: prompt }], language_code: options.language ?? 'auto' },
  }),
  follow: 'media',
  patience: times.paidCall,
};
