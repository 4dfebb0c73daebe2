import { createHash } from 'node:crypto';
import { ApplicationCommandOptionType } from 'discord.js';
import { wanted } from '../../flows/files.ts';
import { recipeNames, recipes } from '../../flows/recipes/index.ts';
import { credits } from '../../flows/sentences.ts';
import type { Model } from '../../kubeez/model.ts';
import { type Command, commandBase, type Parts } from '../../requests/command.ts';
import { anything, type Filter, kindFilter, type ReadPage, showList, turnTo } from '../../requests/pages.ts';
import { choicesThatFit } from '../../requests/ranking.ts';
import { plain } from '../../text/cut.ts';
import { limits } from '../../text/limits.ts';
import { commandName, t } from '../../text/text.ts';

const pageSize = 8;

export const models: Command = {
  name: 'models',
  define: () => ({
    ...commandBase,
    description: t('command.models'),
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'kind',
        description: t('option.models.kind'),
        choices: recipeNames.map((name) => ({ name: `/${commandName(name)}`, value: name })),
      },
      {
        type: ApplicationCommandOptionType.String,
        name: 'family',
        description: t('option.models.family'),
        autocomplete: true,
      },
    ],
  }),

  async execute(interaction, parts) {
    const family = interaction.options.getString('family')?.trim();
    const filters = [interaction.options.getString('kind') ?? anything, family ? slug(family) : anything];
    await showList(interaction, { list: 'models', filters }, reader(filters, parts));
  },

  turn: (interaction, page, parts) => turnTo(interaction, page, reader(page.filters, parts)),

  async autocomplete(interaction, { catalogue }) {
    const families = [...new Set(catalogue.all().map(familyOf))].sort((a, b) => a.localeCompare(b));
    const choices = families.map((family) => ({ name: family, value: slug(family) }));
    await interaction.respond(choicesThatFit(choices, interaction.options.getFocused()));
  },
};

/**
 * A model's family: the words of its name before the first number (`Kling 3.0 Pro` is a Kling), or its maker where the
 * name begins with a number.
 */
export function familyOf({ name, provider }: Pick<Model, 'name' | 'provider'>): string {
  const words = name.split(/\s+/);
  const number = words.findIndex((word) => /\d/.test(word));
  const first = number === -1 ? words.slice(0, 2) : words.slice(0, number);
  return first.join(' ') || provider || name;
}

/** A family's name as the id of a menu can have it. */
function slug(family: string): string {
  const latin = family
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  return latin || createHash('sha1').update(family.toLowerCase()).digest('hex').slice(0, 10);
}

function reader([kind = anything, family = anything]: string[], { catalogue }: Pick<Parts, 'catalogue'>): ReadPage {
  const recipe = recipeNames.find((name) => name === kind);
  return async (page) => {
    const ofKind = catalogue.all().filter((model) => recipe === undefined || recipes[recipe].accepts(model));
    const fitting = ofKind
      .filter((model) => family === anything || slug(familyOf(model)) === family)
      .sort((a, b) => familyOf(a).localeCompare(familyOf(b)) || a.price - b.price || a.name.localeCompare(b.name));
    return {
      title: t('list.models', { count: fitting.length }),
      lines: fitting.slice(page * pageSize, (page + 1) * pageSize).map(linesOf),
      empty: t('list.noModels'),
      filters: [kindFilter(0), familyFilter(ofKind, family, catalogue.all())],
      pages: Math.ceil(fitting.length / pageSize),
      hasMore: fitting.length > (page + 1) * pageSize,
    };
  };
}

/** The menu of families: those of the kind that is shown, as many as fit, and always the chosen one. */
function familyFilter(ofKind: Model[], chosen: string, all: readonly Model[]): Filter {
  const families = familiesOf(ofKind);
  const first = familiesOf(all).filter(({ value }) => value === chosen);
  const others = families.filter(({ value }) => value !== chosen);
  const room = limits.choices - 1 - first.length;
  return { what: 'family', index: 1, values: [...first, ...others.slice(0, room)], more: others.length - room };
}

/** The families of some models, by name; names that are written differently are one. */
function familiesOf(models: readonly Model[]): { label: string; value: string }[] {
  const names = [...new Set(models.map(familyOf))].sort((a, b) => a.localeCompare(b));
  const byValue = new Map(names.reverse().map((label) => [slug(label), label]));
  return [...byValue].map(([value, label]) => ({ label, value })).reverse();
}

function linesOf(model: Model): string {
  const uses = recipeNames.filter((name) => recipes[name].accepts(model));
  const [recipe] = uses;
  const needs = recipe ? recipes[recipe].needs(model) : [];
  const options = [
    model.aspects.join(' '),
    model.durations.length > 2 ? `${model.durations[0]}–${model.durations.at(-1)}` : model.durations.join(' '),
    model.resolutions.join(' '),
    model.qualities.join(' '),
    model.sound === 'toggle' ? t('list.soundOnOff') : '',
    model.voices.length > 0 ? t('list.voices', { count: model.voices.length }) : '',
  ].filter(Boolean);
  const facts = [
    `**${plain(model.name)}**`,
    credits(model.price),
    t('list.about', { seconds: Math.round(model.seconds) }),
    ...(needs.length > 0 ? [t('list.takes', { files: wanted({ needs }) })] : []),
  ];
  const details = [
    uses.map((name) => `/${commandName(name)}`).join(' ') || t('list.notUsed'),
    ...(options.length > 0 ? [plain(options.join(' · '))] : []),
  ];
  return `${facts.join(' · ')}\n-# ${details.join(' · ')}`;
}
