import { mediaRecipe, referencePictures } from './media.ts';

export const edit = mediaRecipe({
  name: 'edit',
  emoji: '🖌️',
  generationType: 'image-to-image',
  takes: ['image'],
  canVary: true,
  stylePictures: referencePictures,
});
