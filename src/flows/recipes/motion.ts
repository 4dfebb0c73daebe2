import { mediaRecipe, needsMotion, one } from './media.ts';

const mebibyte = 1024 * 1024;

/** A picture moves as somebody does in a clip: image first, then the video (kubeez.com/docs/rest-api-model-requirements). */
export const motion = mediaRecipe({
  name: 'motion',
  emoji: '🕺',
  isSpecial: true,
  generationType: 'image-to-video',
  takes: ['image', 'video'],
  accepts: needsMotion,
  needs: (model) => [one('image', model), one('video', model, { seconds: [3, 30], bytes: 100 * mebibyte })],
  ownFiles: true,
});
