import { mediaRecipe } from './media.ts';

export const video = mediaRecipe({ name: 'video', title: 'Video', emoji: '🎬', generationType: 'text-to-video' });
