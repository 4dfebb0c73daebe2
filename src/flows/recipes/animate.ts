import { mediaRecipe } from './media.ts';

export const animate = mediaRecipe({
  name: 'animate',
  title: 'Animation',
  emoji: '🎞️',
  generationType: 'image-to-video',
  takes: ['image'],
});
