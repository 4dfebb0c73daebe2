import {
  ApplicationCommandOptionType,
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  ComponentType,
  type InteractionEditReplyOptions,
  MessageFlags,
} from 'discord.js';
import { writeControlId } from '../../discord/customId.ts';
import { jumpTo } from '../../discord/jump.ts';
import { whisper } from '../../discord/whisper.ts';
import type { Flow } from '../../flows/flow.ts';
import { type Command, type CommandParts, commandBase } from '../../requests/command.ts';
import { t } from '../../text/text.ts';
import { exportFile } from './export.ts';
import { forgetPerson, openOf } from './forgetting.ts';
import { type Found, findAll } from './found.ts';
import { personal } from './kinds.ts';

const { Subcommand } = ApplicationCommandOptionType;

/** What is kept about whoever asks; for everybody, also in DMs. */
export const privacy: Command = {
  name: 'privacy',
  define: () => ({
    ...commandBase,
    description: t('command.privacy.all'),
    options: [
      { type: Subcommand, name: 'show', description: t('command.privacy.show') },
      { type: Subcommand, name: 'export', description: t('command.privacy.export') },
      { type: Subcommand, name: 'forget', description: t('command.privacy.forget') },
    ],
  }),

  async execute(interaction, parts) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const found = await findAll(interaction.user.id, interaction.guildId, parts);
    switch (interaction.options.getSubcommand()) {
      case 'export':
        return giveExport(interaction, found, parts);
      case 'forget':
        return void (await interaction.editReply(openOf(found).length > 0 ? stillOpen(found) : question(found)));
      default:
        return void (await interaction.editReply(await overview(found, interaction.guildId, parts)));
    }
  },

  controls: {
    async press(interaction, [what], parts) {
      if (what === 'forget') return forget(interaction, parts);
      await whisper(interaction, t('router.tooOld'));
    },
  },
};

const cleared = ({ flows }: Found) => flows.filter(({ clearedAt }) => clearedAt !== null);

/** Open flows that are named one by one. */
const maxNamed = 10;

const link = ({ id, guild, card }: Flow) => jumpTo(guild, card.channel, card.message) ?? `\`#${id}\``;

/** What has not ended yet may still cost something, or bring something: it is not taken from under anybody. */
function stillOpen(found: Found): InteractionEditReplyOptions {
  const flows = openOf(found);
  const links = flows.slice(0, maxNamed).map(link).join('\n');
  return { content: `${t('privacy.stillOpen', { count: flows.length })}\n${links}`, components: [] };
}

function question({ flows, elsewhere }: Found): InteractionEditReplyOptions {
  const unclear = flows.filter(({ stage }) => stage === 'unclear').length;
  const lines = [
    t('privacy.question', { count: flows.length }),
    t('privacy.stays'),
    ...(unclear > 0 ? [t('privacy.unclear', { count: unclear })] : []),
    ...(elsewhere > 0 ? [t('privacy.elsewhere', { count: elsewhere })] : []),
  ];
  const button = {
    type: ComponentType.Button as const,
    style: ButtonStyle.Danger as const,
    custom_id: writeControlId('privacy', 'forget'),
    label: t('button.forget'),
  };
  return { content: lines.join('\n\n'), components: [{ type: ComponentType.ActionRow, components: [button] }] };
}

/** Forgets whoever pressed. Nothing is said to be gone before it is. */
async function forget(interaction: ButtonInteraction, parts: CommandParts): Promise<void> {
  await interaction.deferUpdate();
  const found = await forgetPerson(interaction.user.id, interaction.guildId, parts);
  if (openOf(found).length > 0) return void (await interaction.editReply(stillOpen(found)));
  const { elsewhere } = found;
  const [went] = await Promise.all(found.flows.map(({ id }) => parts.records.load(id))).then((left) =>
    left.filter((flow) => flow !== undefined),
  );
  if (went)
    return void (await interaction.editReply({ content: t('privacy.wentOn', { id: went.id }), components: [] }));
  const lines = [t('privacy.done'), ...(elsewhere > 0 ? [t('privacy.elsewhere', { count: elsewhere })] : [])];
  await interaction.editReply({ content: lines.join('\n\n'), components: [] });
}

/** What is kept, in plain words. */
async function overview(found: Found, here: string | null, parts: CommandParts): Promise<InteractionEditReplyOptions> {
  const counted = await Promise.all(
    personal.map(async ({ name, exportOf }) => [name, (await exportOf(found, parts)).length] as const),
  );
  const counts = new Map(counted);
  const count = (name: string) => counts.get(name) ?? 0;
  const lines = [
    t('privacy.requests', { count: count('requests'), open: openOf(found).length, cleared: cleared(found).length }),
    t('privacy.history', { count: count('history') }),
    t('privacy.ledger', { count: count('ledger') }),
    t('privacy.drafts', { count: count('drafts') }),
    t('privacy.raises', { count: count('raiseRequests') }),
    t('privacy.preferences', { isSet: count('preferences') > 0 ? 'yes' : 'other' }),
    ...(count('servers') > 0 ? [t('privacy.servers', { count: count('servers') })] : []),
    ...(count('ownAccount') > 0 ? [t('privacy.ownAccount')] : []),
    ...(count('accounts') > 0 ? [t('privacy.accounts', { count: count('accounts') })] : []),
  ].map((line) => `• ${line}`);
  const { elsewhere } = found;
  const days = here === null ? null : await parts.guildSettings.retentionOf(here);
  const rest = [
    '',
    days === null
      ? t('privacy.noRetention', { isServer: here === null ? 'other' : 'yes' })
      : t('privacy.retention', { count: days }),
    t('privacy.notKept'),
    ...(elsewhere > 0 ? [t('privacy.elsewhere', { count: elsewhere })] : []),
    t('privacy.next'),
  ];
  return { content: [`**${t('privacy.title')}**`, ...lines, ...rest].join('\n') };
}

/** Sends the file by DM; where that is closed, it is the private answer. */
async function giveExport(interaction: ChatInputCommandInteraction, found: Found, parts: CommandParts): Promise<void> {
  const file = await exportFile(found, parts);
  const content = [
    t('privacy.exported'),
    ...(found.elsewhere > 0 ? [t('privacy.elsewhere', { count: found.elsewhere })] : []),
  ].join('\n');
  const attached = { ...file, data: new Blob([file.data]) };
  const sent = await parts.messages.direct(found.person, { content }, `export-${interaction.id.slice(-16)}`, [
    attached,
  ]);
  if (sent.ok) return void (await interaction.editReply(t('privacy.sent')));
  await interaction.editReply({ content, files: [{ name: file.name, attachment: file.data }] });
}
