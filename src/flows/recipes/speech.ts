import { times } from '../times.ts';
import type { Recipe } from './recipe.ts';

/** Spoken words; followed like media (kubeez.com/docs/limitations). */
export const speech: Recipe = {
  name: 'speech',
  emoji: '🗣️',
  makes: 'audio',
  takesPrompt: true,
  pool: 'speech',
  tool: 'speech',
  generationType: '',
  accepts: (model) => model.type === 'speech' && !/caption|transcri/i.test(`${model.id} ${model.name}`),
  needs: () => [],
  ownFiles: false,
  listed: () => false,
  start: ({ asked: { options, prompt } }) => {
    const dialogue = options.dialogue ?? [{ text: prompt }];
    const [only] = dialogue.length === 1 ? dialogue : [];
    // A server takes either lines with their voices, or one text with one voice; what it does not know is left out.
    const words = only?.text ?? dialogue.map((line) => `${line.voice ?? ''}: ${line.text}`).join('\n');
    return {
      tool: 'speech',
      args: {
        dialogue,
        text: words,
        ...(only?.voice === undefined ? {} : { voice: only.voice }),
        language: options.language ?? 'auto',
      },
    };
  },
  follow: 'media',
  isInHistory: true,
  patience: times.paidCall,
};
