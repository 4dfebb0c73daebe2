import { mediaRecipe } from './media.ts';

export const image = mediaRecipe({ name: 'image', title: 'Image', emoji: '🖼️', generationType: 'text-to-image' });
