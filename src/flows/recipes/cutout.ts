import { isFlatRate } from '../../kubeez/model.ts';
import { times } from '../times.ts';
import { one } from './media.ts';
import type { Recipe } from './recipe.ts';

const mebibyte = 1024 * 1024;

/** A picture without its background (pictures of up to 5 MB). */
export const cutout: Recipe = {
  name: 'cutout',
  emoji: '✂️',
  makes: 'image',
  takesPrompt: false,
  pool: 'media',
  tool: 'cutout',
  generationType: '',
  accepts: (model) => /remove.?background|background.?remov/i.test(`${model.id} ${model.name}`),
  needs: (model) => [one('image', model, { bytes: 5 * mebibyte })],
  ownFiles: false,
  listed: isFlatRate,
  start: ({ asked: { inputs } }) => ({ tool: 'cutout', args: { image_url: inputs[0]?.url } }),
  follow: 'media',
  isInHistory: true,
  patience: times.paidCall,
};
