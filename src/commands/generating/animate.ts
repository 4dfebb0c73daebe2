import { animate as recipe } from '../../flows/recipes/animate.ts';
import { generatingCommand } from '../../requests/generating.ts';

export const animate = generatingCommand({
  recipe,
  options: ['prompt', 'model', 'image', 'duration', 'aspect', 'sound', 'seed', 'spoiler'],
});
