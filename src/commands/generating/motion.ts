import { motion as recipe } from '../../flows/recipes/motion.ts';
import { generatingCommand } from '../../requests/generating.ts';

export const motion = generatingCommand({
  recipe,
  options: ['prompt', 'model', 'image', 'video', 'spoiler'],
});
