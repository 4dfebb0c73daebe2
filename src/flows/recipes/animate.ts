import { mediaRecipe } from './media.ts';

export const animate = mediaRecipe({
  name: 'animate',
  emoji: '🎞️',
  generationType: 'image-to-video',
  takes: ['image'],
  canBeSilent: true,
});
