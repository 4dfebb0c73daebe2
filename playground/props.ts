import type { PickedFile } from './discord/person.ts';
import { mp3, mp4, png } from './kubeez/media.ts';

/** Files that people bring, for the demo, the page's pictures and the tests. All are real, and follow from their names. */

interface Size {
  width: number;
  height: number;
}

/** Large enough for everything but eyes, and quickly made. */
const small: Size = { width: 64, height: 64 };

export const pictureFile = (words = 'a cat', size = small): Promise<Buffer> => png({ prompt: words, seed: 1, ...size });
export const clip = (seconds = 3, words = 'a clip', size = small): Promise<Buffer> =>
  mp4({ prompt: words, seed: 1, ...size }, seconds);
export const song = (seconds = 3, words = 'a song'): Buffer => mp3(words, 1, seconds);

export const picture = async (name = 'cat.png', size?: Size): Promise<PickedFile> => ({
  name,
  type: 'image/png',
  data: await pictureFile(name, size),
});
export const film = async (name = 'film.mp4', seconds = 4, size?: Size): Promise<PickedFile> => ({
  name,
  type: 'video/mp4',
  data: await clip(seconds, name, size),
});
export const tune = (name = 'tune.mp3', seconds?: number): PickedFile => ({
  name,
  type: 'audio/mpeg',
  data: song(seconds, name),
});
