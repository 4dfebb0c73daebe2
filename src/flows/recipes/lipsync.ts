import { mediaRecipe, one } from './media.ts';

/** A picture speaks or sings what a sound says. */
export const lipsync = mediaRecipe({
  name: 'lipsync',
  emoji: '👄',
  isSpecial: true,
  generationType: 'image-to-video',
  takes: ['image', 'audio'],
  needs: (model) => [one('image', model), one('audio', model)],
  ownFiles: true,
});
