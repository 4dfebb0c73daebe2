import { motion as recipe } from '../../flows/recipes/motion.ts';
import { generatingCommand } from '../../requests/generating.ts';

export const motion = generatingCommand({
  recipe,
  description: 'Make your picture move like the person in a clip',
  options: ['prompt', 'model', 'image', 'video', 'spoiler'],
});
