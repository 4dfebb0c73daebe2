import { video as recipe } from '../../flows/recipes/video.ts';
import { generatingCommand } from '../../requests/generating.ts';

export const video = generatingCommand({
  recipe,
  description: 'Make a clip from words',
  options: ['prompt', 'model', 'duration', 'aspect', 'resolution', 'sound', 'negative', 'seed', 'spoiler'],
});
