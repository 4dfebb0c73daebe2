import { mediaRecipe } from './media.ts';

export const edit = mediaRecipe({
  name: 'edit',
  title: 'Edit',
  emoji: '🖌️',
  generationType: 'image-to-image',
  takes: ['image'],
});
