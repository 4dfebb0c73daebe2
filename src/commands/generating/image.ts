import { image as recipe } from '../../flows/recipes/image.ts';
import { generatingCommand } from '../../requests/generating.ts';

export const image = generatingCommand({
  recipe,
  options: ['prompt', 'model', 'aspect', 'resolution', 'quality', 'negative', 'seed', 'spoiler'],
});
