import { ApplicationCommandOptionType, type ChatInputCommandInteraction, MessageFlags } from 'discord.js';
import { fitChoices } from '../../discord/choices.ts';
import { jumpTo } from '../../discord/jump.ts';
import { renderCard } from '../../flows/card.ts';
import { type Flow, isTerminal } from '../../flows/flow.ts';
import { clearedSentence } from '../../flows/sentences.ts';
import { mayMove } from '../../flows/step.ts';
import { type Command, commandBase, type Parts } from '../../requests/command.ts';
import { detailsButton, mayReadDetails } from '../../requests/details.ts';
import { aboutOf } from '../../requests/entries.ts';
import { cannotStart, historyAt } from '../../requests/request.ts';
import { isKnownToSee, mayLookThroughOthers, maySee, viewerOf, workOf } from '../../requests/visibility.ts';
import type { Entry } from '../../state/history.ts';
import { limits } from '../../text/limits.ts';
import { speaking, t } from '../../text/text.ts';

export const show: Command = {
  name: 'show',
  define: () => ({
    ...commandBase,
    description: t('command.show'),
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'id',
        description: t('option.show.id'),
        required: true,
        autocomplete: true,
      },
    ],
  }),

  async execute(interaction, parts) {
    // Looked up while Discord waits: one read of the store, and what comes of it decides who sees the answer.
    const typed = interaction.options.getString('id', true).trim().replace(/^#/, '').toLowerCase();
    const flow = /^[a-z0-9]{1,32}$/.test(typed) ? await settled(typed, interaction.user.id, parts) : undefined;
    const obstacle = cannotStart(interaction, parts) ?? (await cannotShow(flow, interaction, parts));
    if (obstacle !== undefined || !flow) {
      await interaction.reply({ content: obstacle ?? t('show.unknown'), flags: MessageFlags.Ephemeral });
      return;
    }
    if (flow.clearedAt !== null) {
      const content = clearedSentence(flow, flow.clearedAt);
      const components = mayReadDetails(flow, interaction) ? [detailsButton(flow)] : [];
      await interaction.reply({ content, components, flags: MessageFlags.Ephemeral });
      return;
    }
    // An open card is in one place only, and the one who asked for it decides where.
    const mayRead = mayReadDetails(flow, interaction);
    if (isTerminal(flow) || mayMove(flow, interaction.user.id)) {
      await showAgain(flow, interaction, parts);
      if (mayRead) await interaction.followUp({ ...detailsOffer(flow), flags: MessageFlags.Ephemeral });
      return;
    }
    await interaction.reply({
      content: whereItIs(flow, interaction.user.id),
      components: mayRead ? [detailsButton(flow)] : [],
      flags: MessageFlags.Ephemeral,
    });
  },

  async autocomplete(interaction, parts) {
    const typed = interaction.options.getFocused().replace(/^#/, '').toLowerCase();
    const unknown = new Set<string>();
    const isOpen = await mayLookThroughOthers(interaction, parts);
    const fits = (entry: Entry) => {
      if (!isOpen && entry.by !== interaction.user.id) return false;
      if (!entry.flow.startsWith(typed) && !aboutOf(entry).toLowerCase().includes(typed)) return false;
      const known = isKnownToSee(entry, interaction, parts);
      if (known === undefined && unknown.size < maxAsked) unknown.add(entry.channel);
      return known ?? false;
    };
    const { entries } = await parts.history.list(historyAt(interaction), fits, 0, limits.choices);
    await interaction.respond(
      fitChoices(entries.map((entry) => ({ name: `#${entry.flow} · ${aboutOf(entry)}`, value: entry.flow }))),
    );
    // For the next letter that is typed.
    const viewer = viewerOf(interaction, parts.place);
    if (viewer) await Promise.all([...unknown].map((channel) => parts.access.mayView(viewer, channel)));
  },
};

const detailsOffer = (flow: Flow) => ({
  content: t('next.more', { id: flow.id }),
  components: [detailsButton(flow)],
});

/** How many channels are looked up after one answer. */
const maxAsked = 10;

async function cannotShow(
  flow: Flow | undefined,
  interaction: ChatInputCommandInteraction,
  parts: Parts,
): Promise<string | undefined> {
  // Somebody else's DM is nobody's business.
  const isOurs =
    flow && flow.guild === interaction.guildId && (flow.guild !== null || flow.requester === interaction.user.id);
  if (!isOurs || !(await maySee(workOf(flow), interaction, parts))) return t('show.unknown');
  if (flow.card.restricted && !parts.place.isRestricted) return t('show.restricted');
  return undefined;
}

/** Milliseconds to wait for a start or a delivery that is under way; the card can be shown here after it. */
const settlesWithin = 1500;

/** The flow as it is; its requester gets it after the step that is under way, if that is quick. */
async function settled(id: string, asker: string, { records, runner }: Parts): Promise<Flow | undefined> {
  const flow = await records.load(id);
  if (!flow || isTerminal(flow) || asker !== flow.requester || mayMove(flow, asker)) return flow;
  await runner.quiet(id, settlesWithin);
  return records.load(id);
}

/** Says where an open card is, to somebody who cannot have it here. */
function whereItIs(flow: Flow, asker: string): string {
  const address = jumpTo(flow.guild, flow.card.channel, flow.card.message);
  if (asker !== flow.requester) {
    const person = `<@${flow.requester}>`;
    return address ? t('show.elsewhere', { address, person }) : t('show.elsewhereDeleted', { person });
  }
  const step = flow.stage === 'submitting' ? 'starting' : 'finishing';
  return address ? t('show.busy', { step, address }) : t('show.busyDeleted', { step });
}

async function showAgain(flow: Flow, interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> {
  const { clock, copies, log, place, runner } = parts;
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
  if (!isTerminal(flow)) return move(flow, card, interaction, parts);
  await runner.send(flow.id, { type: 'copied', channel: card.channel, message });
  if (!hasFiles || (await copies.show(flow, card))) return;
  log.warn({ flow: flow.id }, 'card not shown again');
  await interaction.editReply({
    content: speaking(flow.languages.card, () => t('show.notLoaded')),
    embeds: [],
  });
}

/** Moves an open card to where it was asked for; the old message says where it went. */
async function move(
  flow: Flow,
  card: Flow['card'],
  interaction: ChatInputCommandInteraction,
  { clock, drawer, runner }: Parts,
): Promise<void> {
  const { applicationId: application, token, user } = interaction;
  const reply = { application, token, until: clock.now() + limits.tokenLife };
  const moved = await runner.send(flow.id, { type: 'cardMoved', by: user.id, card, reply });
  if (moved?.card.message === card.message) {
    if (flow.card.message !== null) await drawer.leave(flow.id, flow.card.channel, flow.card.message, movedTo(moved));
    return;
  }
  // Meanwhile it went on, and can no longer be moved.
  await interaction.editReply(movedTo(moved ?? flow));
}

/** What the old message of a moved card says. */
function movedTo({ guild, card, id, languages }: Flow) {
  const address = jumpTo(guild, card.channel, card.message);
  const content = speaking(languages.card, () =>
    address ? t('show.movedTo', { id, address }) : t('show.movedToDeleted', { id }),
  );
  return { content, embeds: [], components: [] };
}
