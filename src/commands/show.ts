import { ApplicationCommandOptionType, type ChatInputCommandInteraction, MessageFlags } from 'discord.js';
import { fitChoices, limits } from '../discord/limits.ts';
import { renderCard } from '../flows/card.ts';
import { type Flow, isTerminal } from '../flows/flow.ts';
import { type Command, commandBase, type Parts } from './command.ts';
import { cannotStart, historyAt } from './request.ts';

export const show: Command = {
  data: {
    ...commandBase,
    name: 'show',
    description: 'Show a card of this server again, with live buttons',
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'id',
        description: 'The number on the card, such as k3f9abcd',
        required: true,
        autocomplete: true,
      },
    ],
  },

  async execute(interaction, parts) {
    // Looked up while Discord waits: one read of the store, and what comes of it decides who sees the answer.
    const typed = interaction.options.getString('id', true).trim().replace(/^#/, '').toLowerCase();
    const flow = /^[a-z0-9]{1,32}$/.test(typed) ? await parts.records.load(typed) : undefined;
    const obstacle = cannotStart(interaction, parts) ?? cannotShow(flow, interaction, parts);
    if (obstacle !== undefined || !flow) {
      await interaction.reply({ content: obstacle ?? unknownFlow, flags: MessageFlags.Ephemeral });
      return;
    }
    await showAgain(flow, interaction, parts);
  },

  async autocomplete(interaction, { made }) {
    const typed = interaction.options.getFocused().replace(/^#/, '').toLowerCase();
    const fits = ({ flow, about }: { flow: string; about: string }) =>
      flow.startsWith(typed) || about.toLowerCase().includes(typed);
    const { entries } = await made.list(historyAt(interaction), fits, 0, limits.choices);
    await interaction.respond(
      fitChoices(entries.map(({ flow, about }) => ({ name: `#${flow} · ${about}`, value: flow }))),
    );
  },
};

const unknownFlow = 'There is no such card here: /history lists what was made, /jobs what is running.';

function cannotShow(
  flow: Flow | undefined,
  interaction: ChatInputCommandInteraction,
  { place }: Parts,
): string | undefined {
  // Somebody else's DM is nobody's business.
  const isOurs =
    flow && flow.guild === interaction.guildId && (flow.guild !== null || flow.requester === interaction.user.id);
  if (!isOurs) return unknownFlow;
  if (flow.card.restricted && !place.isRestricted)
    return 'That was made in an age-restricted channel, and is shown only in one.';
  return undefined;
}

async function showAgain(flow: Flow, interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> {
  const { clock, copies, runner, log, place } = parts;
  const hasFiles = flow.stage === 'delivered';
  // Its buttons come with its files: nobody goes on from what is not there yet.
  const body = renderCard(hasFiles ? { ...flow, stage: 'delivering' } : flow, clock.now());
  const answer = await interaction.reply({ ...body, withResponse: true });
  const message = answer.resource?.message?.id ?? (await interaction.fetchReply()).id;
  const card: Flow['card'] = {
    channel: interaction.channelId,
    message,
    lost: false,
    fileLimit: interaction.attachmentSizeLimit ?? limits.file,
    restricted: flow.card.restricted || place.isRestricted,
  };
  if (!isTerminal(flow)) {
    await runner.send(flow.id, { type: 'cardMoved', card });
    return;
  }
  if (!hasFiles || (await copies.show(flow, card))) return;
  log.warn({ flow: flow.id }, 'card not shown again');
  await interaction.editReply({
    content: 'The files could not be brought here just now. Try again in a minute.',
    embeds: [],
  });
}
