import { lipsync as recipe } from '../../flows/recipes/lipsync.ts';
import { generatingCommand } from '../../requests/generating.ts';

export const lipsync = generatingCommand({
  recipe,
  options: ['prompt', 'model', 'image', 'audio', 'spoiler'],
});
