import { mediaRecipe } from './media.ts';

export const video = mediaRecipe({ name: 'video', emoji: '🎬', generationType: 'text-to-video', canBeSilent: true });
