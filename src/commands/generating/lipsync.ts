import { lipsync as recipe } from '../../flows/recipes/lipsync.ts';
import { generatingCommand } from '../../requests/generating.ts';

export const lipsync = generatingCommand({
  recipe,
  description: 'Make your picture speak or sing a sound',
  options: ['prompt', 'model', 'image', 'audio', 'spoiler'],
});
