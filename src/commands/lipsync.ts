import { lipsync as recipe } from '../flows/recipes/lipsync.ts';
import { generatingCommand } from './generating.ts';

export const lipsync = generatingCommand({
  recipe,
  description: 'Let a picture of yours speak or sing what a sound says',
  options: ['prompt', 'model', 'image', 'audio', 'spoiler'],
});
