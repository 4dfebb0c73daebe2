import { motion as recipe } from '../flows/recipes/motion.ts';
import { generatingCommand } from './generating.ts';

export const motion = generatingCommand({
  recipe,
  description: 'Let a picture of yours move as somebody does in a clip',
  options: ['prompt', 'model', 'image', 'video', 'spoiler'],
});
