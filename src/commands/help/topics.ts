import type { APIEmbed } from 'discord.js';
import type { CommandIds } from '../../discord/commandIds.ts';
import { recipeNames, recipes } from '../../flows/recipes/index.ts';
import type { Model } from '../../kubeez/model.ts';
import type { Command } from '../../requests/command.ts';
import { partsOf } from '../../requests/commandParts.ts';
import { acceptedBy } from '../../requests/takenModel.ts';
import { linesWithin } from '../../text/cut.ts';
import { limits } from '../../text/limits.ts';
import { t } from '../../text/text.ts';

/** What people come for, in the order in which it is shown. */
export const topicNames = ['start', 'pictures', 'clips', 'sound', 'made', 'credits', 'you', 'server'] as const;
export type Topic = (typeof topicNames)[number];

/** The commands for each. */
export const topics: Record<Topic, readonly string[]> = {
  start: ['help'],
  pictures: ['image', 'edit', 'cutout'],
  clips: ['video', 'animate', 'motion', 'lipsync', 'ad'],
  sound: ['music', 'speech', 'sound', 'dub', 'captions', 'separate'],
  made: ['jobs', 'history', 'show', 'models'],
  credits: ['budget', 'balance', 'connect'],
  you: ['preferences', 'privacy'],
  server: ['settings', 'style', 'block', 'doctor'],
};

/** What a page of the help is made from. */
export interface HelpParts {
  commandIds: CommandIds;
  catalogue: { all(): readonly Model[] };
}

/** One page of the help. `usable`: the commands that work for whoever asks. */
export function helpPage(topic: Topic, usable: Command[], parts: HelpParts): APIEmbed {
  const commands = topics[topic].flatMap((name) => usable.filter((command) => command.name === name));
  const lines = topic === 'start' ? beginning() : commands.flatMap((command) => linesOf(command, parts));
  return { title: t(`help.title.${topic}`), description: linesWithin(lines, limits.embedDescription) };
}

/** The topics for which there is a command. */
export const topicsOf = (usable: Command[]): Topic[] =>
  topicNames.filter((topic) => usable.some(({ name }) => topics[topic].includes(name)));

const beginning = () => [
  t('help.what'),
  t('help.files'),
  t('help.price'),
  t('help.result'),
  '',
  t('help.promises'),
  t('help.promise.confirmed'),
  t('help.promise.kept'),
  t('help.promise.prices'),
];

function linesOf(command: Command, { commandIds, catalogue }: HelpParts): string[] {
  const from = lowestPrice(command.name, catalogue.all());
  return partsOf(command).map(({ name, description }) => {
    const link = commandIds.linkTo(name);
    return from === undefined
      ? t('help.command', { command: link, description })
      : t('help.commandWithPrice', { command: link, description, credits: from });
  });
}

/** The list price of the cheapest model for a kind of work, in credits. */
function lowestPrice(name: string, models: readonly Model[]): number | undefined {
  const recipe = recipeNames.find((one) => one === name);
  const prices = recipe ? acceptedBy(recipes[recipe], models).map(({ price }) => price) : [];
  return prices.length > 0 ? Math.min(...prices) : undefined;
}
