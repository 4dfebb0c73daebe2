import { mediaRecipe, referencePictures } from './media.ts';

export const image = mediaRecipe({
  name: 'image',
  emoji: '🖼️',
  generationType: 'text-to-image',
  canVary: true,
  stylePictures: referencePictures,
});
