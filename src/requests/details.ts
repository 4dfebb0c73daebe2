import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type BaseInteraction,
  type ButtonInteraction,
  ComponentType,
  MessageFlags,
} from 'discord.js';
import { whisper } from '../discord/whisper.ts';
import { stepButtons } from '../flows/card.ts';
import type { Flow } from '../flows/flow.ts';
import { entriesOf } from '../guilds/entries.ts';
import { monthsFrom } from '../guilds/ledger.ts';
import { t } from '../text/text.ts';
import type { Parts } from './command.ts';
import { mayManage } from './managers.ts';
import { storyOf } from './story.ts';

/** Its requester, and whoever manages the server that it belongs to. */
export const mayReadDetails = (flow: Flow, interaction: BaseInteraction): boolean =>
  flow.requester === interaction.user.id ||
  (flow.guild !== null && flow.guild === interaction.guildId && mayManage(interaction));

/** The button under which the details are. */
export const detailsButton = (flow: Flow): APIActionRowComponent<APIButtonComponent> => ({
  type: ComponentType.ActionRow,
  components: stepButtons(flow, ['details']),
});

/** Gives the whole story of a flow as a file, to whoever pressed alone. */
export async function giveDetails(flow: Flow, interaction: ButtonInteraction, parts: Parts): Promise<void> {
  const { requester, id, guild, createdAt, endedAt } = flow;
  if (!mayReadDetails(flow, interaction))
    return whisper(interaction, t('next.mayNotReadDetails', { person: `<@${requester}>` }));
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const now = parts.clock.now();
  const held = guild === null ? [] : entriesOf(flow).filter(({ state }) => state === 'held');
  const kept =
    guild === null ? [] : await parts.ledger.readFlows(guild, new Set([id]), monthsFrom(createdAt, endedAt ?? now));
  const story = storyOf(flow, [...kept, ...held], now);
  await interaction.editReply({
    content: t('next.details', { id, person: `<@${requester}>` }),
    files: [{ name: `${id}.txt`, attachment: Buffer.from(story) }],
    allowedMentions: { parse: [] },
  });
}
