import { edit as recipe } from '../../flows/recipes/edit.ts';
import { generatingCommand } from '../../requests/generating.ts';

export const edit = generatingCommand({
  recipe,
  options: ['prompt', 'model', 'image', 'aspect', 'resolution', 'quality', 'seed', 'spoiler'],
});
