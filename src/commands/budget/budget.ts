import { ApplicationCommandOptionType, ChannelType, InteractionContextType } from 'discord.js';
import { ownChannels } from '../../discord/ownChannels.ts';
import { recipeNames } from '../../flows/recipes/index.ts';
import { limitPeriods } from '../../flows/room.ts';
import { type Command, commandBase } from '../../requests/command.ts';
import { commandName, t } from '../../text/text.ts';
import { setApproval } from './approval.ts';
import { completeLimit, removeLimit, setLimit } from './change.ts';
import { exportMonth } from './export.ts';
import { showBudget } from './show.ts';

const { Subcommand, Integer, String: Text, Boolean: Truth, Channel, Role, User } = ApplicationCommandOptionType;

const monthOption = () =>
  ({
    type: Text,
    name: 'month',
    description: t('option.budget.month'),
    min_length: 7,
    max_length: 7,
  }) as const;

/** What may be spent in a server and what was; everybody sees what is left for them, the rest is for its managers. */
export const budget: Command = {
  name: 'budget',
  define: () => ({
    ...commandBase,
    description: t('command.budget.all'),
    contexts: [InteractionContextType.Guild],
    options: [
      { type: Subcommand, name: 'show', description: t('command.budget.show'), options: [monthOption()] },
      {
        type: Subcommand,
        name: 'set',
        description: t('command.budget.set'),
        options: [
          {
            type: Integer,
            name: 'credits',
            description: t('option.budget.credits'),
            required: true,
            min_value: 0,
            max_value: 1_000_000,
          },
          {
            type: Text,
            name: 'per',
            description: t('option.budget.per'),
            required: true,
            choices: limitPeriods.map((per) => ({ name: t(`choice.per.${per}`), value: per })),
          },
          {
            type: Channel,
            name: 'channel',
            description: t('option.budget.channel'),
            // Threads count for the channel that they belong to.
            channel_types: [...ownChannels],
          },
          { type: Role, name: 'role', description: t('option.budget.role') },
          { type: User, name: 'person', description: t('option.budget.person') },
        ],
      },
      {
        type: Subcommand,
        name: 'remove',
        description: t('command.budget.remove'),
        options: [
          {
            type: Text,
            name: 'limit',
            description: t('option.budget.limit'),
            required: true,
            autocomplete: true,
          },
        ],
      },
      {
        type: Subcommand,
        name: 'approval',
        description: t('command.budget.approval'),
        options: [
          {
            type: Integer,
            name: 'above',
            description: t('option.budget.above'),
            min_value: 0,
            max_value: 1_000_000,
          },
          {
            type: Text,
            name: 'kind',
            description: t('option.budget.kind'),
            choices: recipeNames.map((name) => ({ name: `/${commandName(name)}`, value: name })),
          },
          { type: Role, name: 'role', description: t('option.budget.whose') },
          { type: Role, name: 'approvers', description: t('option.budget.approvers') },
          {
            type: Channel,
            name: 'channel',
            description: t('option.budget.askedIn'),
            channel_types: [ChannelType.GuildText, ChannelType.GuildAnnouncement],
          },
          { type: Truth, name: 'off', description: t('option.budget.off') },
        ],
      },
      { type: Subcommand, name: 'export', description: t('command.budget.export'), options: [monthOption()] },
    ],
  }),

  execute(interaction, parts) {
    switch (interaction.options.getSubcommand()) {
      case 'set':
        return setLimit(interaction, parts);
      case 'remove':
        return removeLimit(interaction, parts);
      case 'approval':
        return setApproval(interaction, parts);
      case 'export':
        return exportMonth(interaction, parts);
      default:
        return showBudget(interaction, parts);
    }
  },

  autocomplete: completeLimit,
};
