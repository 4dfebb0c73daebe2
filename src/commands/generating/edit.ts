import { edit as recipe } from '../../flows/recipes/edit.ts';
import { generatingCommand } from '../../requests/generating.ts';

export const edit = generatingCommand({
  recipe,
  description: 'Change your pictures with words',
  options: ['prompt', 'model', 'image', 'aspect', 'resolution', 'quality', 'seed', 'spoiler'],
});
