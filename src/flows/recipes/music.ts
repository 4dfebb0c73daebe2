import type { Model } from '../../kubeez/model.ts';
import type { Options } from '../asked.ts';
import type { Flow } from '../flow.ts';
import { times } from '../times.ts';
import type { Recipe } from './recipe.ts';

/** Rows that write lyrics or change a song instead of making one; the catalogue shows it only in their names. */
const isOther = ({ id, name }: Model) => /lyric|add.(vocal|instrumental)|persona|extend/i.test(`${id} ${name}`);

/** Songs, two a job (kubeez.com/docs/tools-music). */
export const music: Recipe = {
  name: 'music',
  emoji: '🎵',
  makes: 'audio',
  takesPrompt: true,
  pool: 'music',
  tool: 'music',
  generationType: '',
  accepts: (model) => model.type === 'music' && !isOther(model),
  // The newest bears the highest number.
  prefers: (one, other) => other.name.localeCompare(one.name, 'en', { numeric: true }),
  needs: () => [],
  ownFiles: false,
  listed: () => false,
  start: ({ asked }, { model }) => ({ tool: 'music', args: { model: model.id, ...musicArguments(asked) } }),
  follow: 'music',
  isInHistory: false,
  patience: times.paidCall,
};

/** Whether the tool's custom mode is asked for: it takes title and style, and either a description or lyrics. */
export const isCustom = ({ style }: Options) => style !== undefined;

function musicArguments({ prompt, options }: Flow['asked']): Record<string, unknown> {
  const { instrumental, title, style, vocal_gender, song_description, lyrics, negative_tags } = options;
  const custom = { title, style, vocal_gender, song_description, lyrics, negative_tags };
  return { ...(isCustom(options) ? custom : { prompt }), ...(instrumental === undefined ? {} : { instrumental }) };
}
