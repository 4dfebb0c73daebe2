import type { Model } from '../../kubeez/model.ts';
import { times } from '../times.ts';
import { one } from './media.ts';
import type { Recipe } from './recipe.ts';

/** Only the names of these rows show which work on a video, make music, or take two prompts. */
export const isForVideo = ({ id, name }: Pick<Model, 'id' | 'name'>) => /video.?to/i.test(`${id} ${name}`);
export const isMusic = ({ id, name }: Pick<Model, 'id' | 'name'>) => /music/i.test(`${id} ${name}`);
export const takesTwoPrompts = ({ id, name }: Pick<Model, 'id' | 'name'>) =>
  /to[- ]sound\b|[- ]sound$/i.test(`${name} ${id}`);

/** Clips of up to six minutes. */
const longest = 360;

/** Effects and background music, from words or for a video; billed by the second. */
export const sound: Recipe = {
  name: 'sound',
  emoji: '🔊',
  makes: 'audio',
  takesPrompt: true,
  takesModel: true,
  pool: 'media',
  tool: 'sound',
  generationType: '',
  accepts: (model) => model.type === 'sound',
  needs: (model) => (isForVideo(model) ? [one('video', model, { seconds: [0, longest] })] : []),
  ownFiles: true,
  follows: (model, { music_prompt }) => takesTwoPrompts(model) === (music_prompt !== undefined),
  listed: () => false,
  start: ({ asked: { prompt, options, inputs } }, { model }) => ({
    tool: 'sound',
    args: {
      model: model.id,
      ...(takesTwoPrompts(model) ? { sfx_prompt: prompt, music_prompt: options.music_prompt } : { prompt }),
      ...(inputs[0] ? { video_url: inputs[0].url } : {}),
      ...(options.duration === undefined ? {} : { duration: Number.parseFloat(options.duration) }),
    },
  }),
  follow: 'media',
  isInHistory: true,
  patience: times.paidCall,
};
