import { createHash } from 'node:crypto';
import { ApplicationCommandOptionType } from 'discord.js';
import { jumpTo } from '../../discord/jump.ts';
import { recipeNames, recipes } from '../../flows/recipes/index.ts';
import { creditsTaken } from '../../flows/runs.ts';
import { credits } from '../../flows/sentences.ts';
import { type Command, commandBase, type Parts, type StartInteraction } from '../../requests/command.ts';
import { aboutOf } from '../../requests/entries.ts';
import {
  anything,
  everywhere,
  type ReadPage,
  serverOption,
  showList,
  turnTo,
  workFilters,
} from '../../requests/pages.ts';
import { choicesThatFit } from '../../requests/ranking.ts';
import { historyAt } from '../../requests/request.ts';
import { mayLookThroughOthers, maySee } from '../../requests/visibility.ts';
import type { Entry } from '../../state/history.ts';
import { BrokenRecord } from '../../state/store.ts';
import { cut, plain, prefix } from '../../text/cut.ts';
import { limits } from '../../text/limits.ts';
import { t } from '../../text/text.ts';
import { timestamp } from '../../text/timestamp.ts';

const pageSize = 10;

export const history: Command = {
  name: 'history',
  define: () => ({
    ...commandBase,
    description: t('command.history'),
    options: [
      { type: ApplicationCommandOptionType.User, name: 'person', description: t('option.history.person') },
      {
        type: ApplicationCommandOptionType.String,
        name: 'kind',
        description: t('option.history.kind'),
        choices: recipeNames.map((name) => ({ name: t(`recipe.${name}.title`), value: name })),
      },
      {
        type: ApplicationCommandOptionType.String,
        name: 'model',
        description: t('option.history.model'),
        autocomplete: true,
      },
      serverOption(),
    ],
  }),

  async execute(interaction, parts) {
    const { options } = interaction;
    const model = options.getString('model')?.trim();
    const filters = [
      options.getUser('person')?.id ?? anything,
      options.getString('kind') ?? anything,
      model ? mark(model) : anything,
      ...(options.getBoolean('server') ? [everywhere] : []),
    ];
    await showList(interaction, { list: 'history', filters }, reader(filters, interaction, parts));
  },

  turn: (interaction, page, parts) => turnTo(interaction, page, reader(page.filters, interaction, parts)),

  async autocomplete(interaction, { catalogue }) {
    const names = [...new Set(catalogue.all().map(({ name }) => name))];
    const fitting = choicesThatFit(
      names.map((name) => ({ name, value: prefix(name, limits.choiceValue) })),
      interaction.options.getFocused(),
    );
    await interaction.respond(fitting);
  },
};

/** A model's name, short enough for a button; what is suggested may be its beginning only. */
const mark = (name: string) =>
  createHash('sha1').update(prefix(name.trim(), limits.choiceValue).trim().toLowerCase()).digest('hex').slice(0, 10);

function reader(
  filters: string[],
  interaction: Pick<StartInteraction, 'guildId' | 'channelId' | 'user'>,
  parts: Parts,
): ReadPage {
  const [by = anything, kind = anything, model = anything, where] = filters;
  const inServer = where === everywhere;
  const fits = (isOpen: boolean) => (entry: Entry) =>
    (isOpen || entry.by === interaction.user.id) &&
    (inServer || entry.channel === interaction.channelId) &&
    (by === anything || entry.by === by) &&
    (kind === anything || entry.recipe === kind) &&
    (model === anything || mark(entry.model) === model) &&
    maySee(entry, interaction, parts);
  return async (page) => {
    const isOpen = await mayLookThroughOthers(interaction, parts);
    const place = historyAt(interaction);
    const { entries, hasMore } = await parts.history.list(place, fits(isOpen), page * pageSize, pageSize);
    const empty = t(inServer ? 'list.nothingMadeInServer' : 'list.nothingMade');
    return {
      title: t(inServer ? 'list.madeInServer' : 'list.madeHere'),
      lines: (await withCredits(entries, parts)).map((entry) => lineOf(entry, interaction.guildId)),
      empty: isOpen ? empty : t('list.nothingOfYours'),
      hasMore,
      isByTime: true,
      filters: workFilters(isOpen && interaction.guildId !== null),
    };
  };
}

/** Entries with what they cost by now: a run that was unclear when they were noted may have been found since. */
const withCredits = (entries: Entry[], { records }: Parts): Promise<Entry[]> =>
  Promise.all(
    entries.map(async (entry) => {
      const flow = await records.loadOrBroken(entry.flow);
      return flow && !(flow instanceof BrokenRecord) ? { ...entry, credits: creditsTaken(flow) } : entry;
    }),
  );

function lineOf(entry: Entry, guild: string | null): string {
  const name = recipeNames.find((one) => one === entry.recipe);
  const link = entry.deleted ? undefined : jumpTo(guild, entry.channel, entry.message);
  const about = plain(cut(aboutOf(entry), 60));
  return [
    `${name ? recipes[name].emoji : '•'} ${link ? `[${about}](${link})` : about}`,
    `<@${entry.by}>`,
    plain(cut(entry.model, 40)),
    credits(entry.credits),
    timestamp(entry.at, 'R'),
    `\`#${entry.flow}\``,
    ...(entry.isOwn ? [t('list.ownAccount')] : []),
    ...(entry.deleted ? [t('list.deleted')] : []),
    ...(entry.cleared ? [t('list.cleared')] : []),
  ].join(' · ');
}
