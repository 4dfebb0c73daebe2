import { animate as recipe } from '../flows/recipes/animate.ts';
import { generatingCommand } from './generating.ts';

export const animate = generatingCommand({
  recipe,
  description: 'Make a clip from a picture of yours',
  options: ['prompt', 'model', 'image', 'duration', 'aspect', 'sound', 'seed', 'spoiler'],
});
