import { video as recipe } from '../../flows/recipes/video.ts';
import { generatingCommand } from '../../requests/generating.ts';

export const video = generatingCommand({
  recipe,
  options: ['prompt', 'model', 'duration', 'aspect', 'resolution', 'sound', 'negative', 'seed', 'spoiler'],
});
