import { lipsync as recipe } from '../flows/recipes/lipsync.ts';
import { generatingCommand } from './generating.ts';

export const lipsync = generatingCommand({
  recipe,
  description: 'Make your picture speak or sing a sound',
  options: ['prompt', 'model', 'image', 'audio', 'spoiler'],
});
