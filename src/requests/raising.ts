import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type ButtonInteraction,
  ButtonStyle,
  ComponentType,
  MessageFlags,
} from 'discord.js';
import { readRaiseId, writeRaiseId } from '../discord/customId.ts';
import { jumpTo } from '../discord/jump.ts';
import { whisper } from '../discord/whisper.ts';
import { subjectOf } from '../flows/fileNames.ts';
import type { Flow } from '../flows/flow.ts';
import { leftIn } from '../flows/room.ts';
import { spenderOf } from '../guilds/entries.ts';
import type { Answered, RaiseRequest } from '../guilds/raiseRequests.ts';
import { cut, plain } from '../text/cut.ts';
import { speaking, t } from '../text/text.ts';
import { timestamp } from '../text/timestamp.ts';
import type { CommandParts, Parts } from './command.ts';
import type { Handler } from './handler.ts';
import { limitName } from './limitNames.ts';
import { mayManage } from './managers.ts';

/**
 * Asks the managers of the server, in the channel, to raise the limit that had no room for a flow. Nobody is pinged: who
 * may raise it reads the channel, or is told by the requester.
 */
export async function askForMore(flow: Flow, interaction: ButtonInteraction, parts: Parts): Promise<void> {
  const { requester, guild, recipe } = flow;
  const wanted = flow.shown.reason?.room;
  if (guild === null || !wanted) return whisper(interaction, t('router.tooOld'));
  if (interaction.user.id !== requester)
    return whisper(interaction, t('router.notYours', { person: `<@${requester}>`, command: recipe }));
  const { price = 0 } = flow.shown.reason ?? {};
  const limit = (await parts.guildSettings.of(guild)).limits.find(({ id }) => id === wanted.limit);
  const room = (await parts.spendLimits.rooms(guild, spenderOf(flow))).find((one) => one.limit === wanted.limit);
  if (!limit || !room || price <= leftIn(room)) return whisper(interaction, t('raise.roomNow'));
  // Where more was spent than the limit allows by now, that is missing as well.
  const by = Math.ceil(price - (room.credits - room.used));
  const at = parts.clock.now();
  const { credits, id } = limit;
  const earlier = await parts.raiseRequests.ask({ guild, flow: flow.id, requester, limit: id, credits, by, at });
  if (earlier) return whisper(interaction, askedBefore(earlier));
  const asked = speaking(flow.languages.card, () => ({
    content: t('raise.asked', {
      person: `<@${requester}>`,
      limit: limitName(limit),
      left: leftIn(room),
      when: timestamp(room.until, 'R'),
      subject: plain(cut(flow.asked.prompt || subjectOf(flow), 100)),
      credits: price,
    }),
    components: [answers(flow.id, by)],
  }));
  const answer = await interaction.reply({
    ...asked,
    flags: MessageFlags.SuppressEmbeds,
    allowedMentions: { parse: [] },
    withResponse: true,
  });
  const message = answer.resource?.message?.id ?? (await interaction.fetchReply()).id;
  await parts.raiseRequests.posted(flow.id, { channel: interaction.channelId, message });
  parts.log.info({ flow: flow.id, limit: id, by }, 'asked to raise a limit');
}

function askedBefore({ guild, message }: RaiseRequest): string {
  const address = message ? jumpTo(guild, message.channel, message.message) : undefined;
  return address ? t('raise.askedBefore', { address }) : t('raise.beingAsked');
}

function answers(flow: string, by: number): APIActionRowComponent<APIButtonComponent> {
  const button = (answer: 'yes' | 'no', label: string, style: ButtonStyle.Primary | ButtonStyle.Secondary) => ({
    type: ComponentType.Button as const,
    custom_id: writeRaiseId({ answer, flow }),
    label,
    style,
  });
  return {
    type: ComponentType.ActionRow,
    components: [
      button('yes', t('button.raise', { credits: by }), ButtonStyle.Primary),
      button('no', t('button.no'), ButtonStyle.Secondary),
    ],
  };
}

/** Takes the answers of managers. */
export function raiseHandler({ clock, raiseRequests }: CommandParts): Handler {
  return {
    press(interaction, rest, { spokenTo, log }) {
      const id = readRaiseId(rest);
      const { guildId: guild, user } = interaction;
      if (!id || guild === null) return undefined;
      if (!mayManage(interaction)) return whisper(interaction, t('connect.managersOnly'));
      const answer = { manager: user.id, isYes: id.answer === 'yes', at: clock.now() };
      return interaction.deferUpdate().then(async () => {
        const answered = await raiseRequests.answer(id.flow, guild, answer);
        log.info({ manager: user.id, flow: id.flow, is: answered.is }, 'request to raise a limit answered');
        if (answered.is === 'unknown') return whisper(interaction, t('router.tooOld'));
        if (answered.is === 'answeredBefore') return whisper(interaction, t('raise.answeredBefore'));
        const content = speaking(spokenTo.everybody, () => outcome(answered, user.id));
        // The message may be gone, but what was decided holds.
        await interaction
          .editReply({ content, components: [], allowedMentions: { parse: [] } })
          .catch(() => whisper(interaction, content));
      });
    },
  };
}

function outcome(answered: Exclude<Answered, { is: 'answeredBefore' } | { is: 'unknown' }>, manager: string): string {
  const { requester, credits } = answered.request;
  const [person, by] = [`<@${requester}>`, `<@${manager}>`];
  switch (answered.is) {
    case 'raised':
      return t('raise.raised', { by, limit: limitName(answered.limit), credits, person });
    case 'raisedBefore':
      return t('raise.raisedBefore', { limit: limitName(answered.limit), credits, person });
    case 'declined':
      return t('raise.declined', { by, person });
    case 'changed':
      return t('raise.changed', { person });
  }
}
