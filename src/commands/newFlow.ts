import { randomInt } from 'node:crypto';
import type { ChatInputCommandInteraction } from 'discord.js';
import { limits } from '../discord/limits.ts';
import { type Flow, type Input, type Options, untouched } from '../flows/flow.ts';
import type { Recipe } from '../flows/recipes/recipe.ts';
import { times } from '../flows/times.ts';
import type { Model } from '../kubeez/model.ts';

/** Discord lets an interaction be answered this long (docs: interactions/receiving-and-responding). */
const tokenLife = 15 * 60_000;

const letters = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A name for a flow, short enough to be said aloud; 31^8 of them make a clash unlikely within a server's life. */
const newId = () => Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('');

/** The record a generating command begins with. `now` in milliseconds since 1970. */
export function newFlow(
  interaction: ChatInputCommandInteraction,
  recipe: Recipe,
  request: { prompt: string; model: Model; options: Options; inputs: Input[] },
  now: number,
): Flow {
  const { prompt, model, options, inputs } = request;
  const needsFiles = recipe.inputs.length > 0 && inputs.length === 0;
  const inputsMax = recipe.inputs.reduce((sum, kind) => sum + model.inputsMax[kind], 0);
  return {
    ...untouched,
    id: newId(),
    recipe: recipe.name,
    stage: needsFiles ? 'uploading' : 'quoting',
    requester: interaction.user.id,
    guild: interaction.guildId,
    card: {
      channel: interaction.channelId,
      message: null,
      lost: false,
      fileLimit: interaction.attachmentSizeLimit ?? limits.file,
    },
    reply: { application: interaction.applicationId, token: interaction.token, until: now + tokenLife },
    prompt,
    model: {
      id: model.id,
      name: model.name,
      generationType: recipe.generationType,
      seconds: model.seconds,
      inputKinds: recipe.inputs,
      inputsMin: recipe.inputs.length,
      inputsMax,
    },
    options,
    inputs,
    createdAt: now,
    nextCheckAt: now + times.priceRetry,
    giveUpAt: now + (needsFiles ? times.uploadCloses : times.priceGivesUp),
  };
}
