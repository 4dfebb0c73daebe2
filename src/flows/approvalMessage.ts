import { type APIButtonComponent, type APIEmbed, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { brief, cut, plain } from '../text/cut.ts';
import { limits } from '../text/limits.ts';
import { speaking, t } from '../text/text.ts';
import { timestamp } from '../text/timestamp.ts';
import { type AskButton, writeAskId } from './buttonId.ts';
import { type Card, colours, promptLine, promptRoom, settings, titleOf } from './card.ts';
import { roomAfter } from './cardLines.ts';
import type { Flow } from './flow.ts';
import { isOwnAccount } from './payer.ts';
import { cents, hasBegun } from './runs.ts';
import { approveLabel, reasonRoom, ruleAbout } from './sentences.ts';
import { addedPictures } from './style.ts';
import { wholeText } from './written.ts';

/** Pictures shown beside the first one. */
const maxPictures = 4;

/**
 * Draws the message that asks approvers, or says what became of it, from the record alone. Pure. It shows what the card
 * shows, and never where files are uploaded to.
 */
export const renderAsk = (flow: Flow): Card => speaking(flow.languages.card, () => draw(flow));

function draw(flow: Flow): Card {
  const { rule } = flow.approval;
  const isOpen = flow.stage === 'held';
  const lines = [hiddenPrompt(flow), settings(flow), '', ...(isOpen ? openLines(flow) : outcomeLines(flow))];
  const [first, ...more] = picturesOf(flow).slice(0, maxPictures);
  return {
    content: isOpen && rule ? `<@&${rule.approvers}>` : '',
    embeds: [
      {
        title: cut(titleOf(flow), limits.embedTitle),
        description: cut(lines.join('\n').trim(), limits.embedDescription),
        color: colourOf(flow),
        ...(first === undefined ? {} : { thumbnail: { url: first.url } }),
        footer: { text: t('card.footer', { id: flow.id }) },
      },
      ...more.map(({ url, name }): APIEmbed => ({ description: plain(cut(name, 60)), thumbnail: { url } })),
    ],
    components: isOpen ? [{ type: ComponentType.ActionRow, components: buttons(flow) }] : [],
  };
}

/** Whether the message has all that was written, and so all that is approved. */
function isShownWhole({ asked }: Flow): boolean {
  const text = wholeText(asked);
  return text === asked.prompt && text.length <= promptRoom;
}

/** What was asked for in a channel for adults, or is to be hidden, is not shown to those who only pass by. */
const isHidden = ({ asked, card, approval: { message } }: Flow) =>
  asked.spoiler || (card.restricted && message?.channel !== card.channel);

const hiddenPrompt = (flow: Flow) => (isHidden(flow) ? `||${promptLine(flow).slice(2)}||` : promptLine(flow));

const picturesOf = (flow: Flow) =>
  isHidden(flow)
    ? []
    : [...flow.asked.inputs.filter(({ kind }) => kind === 'image'), ...addedPictures(flow.asked)].filter(({ url }) =>
        /^https?:/.test(url),
      );

function openLines(flow: Flow): string[] {
  const { money, approval, wait, requester } = flow;
  const { quote, room } = money;
  const { rule, offer, problem } = approval;
  if (!quote || !rule) return [];
  const { credits, basis, balance } = quote;
  const person = `<@${requester}>`;
  const said = offer && { by: `<@${offer.by}>`, model: brief(offer.model.name), credits: offer.credits, person };
  return [
    isOwnAccount(flow)
      ? t('approval.asksOwn', { person, credits, basis })
      : t('approval.asks', { person, credits, basis, left: cents(balance - credits) }),
    ...(room ? [t('approval.limit', { ...roomAfter(room, credits), person })] : []),
    ...(said ? [offer?.isRefused ? t('approval.offerRefused', said) : t('approval.offered', said)] : []),
    '',
    `-# ${t('approval.open', { role: `<@&${rule.approvers}>`, when: timestamp(wait.giveUpAt, 'R'), rule: ruleAbout(rule) })}`,
    ...(problem === 'elsewhere' ? [`-# ${t('approval.elsewhere', { channel: `<#${rule.channel}>` })}`] : []),
  ];
}

/** What became of it. What comes after a start is the card’s to tell. */
function outcomeLines(flow: Flow): string[] {
  const { approval, stage, requester, asked, money } = flow;
  const { approved, declined } = approval;
  const person = `<@${requester}>`;
  if (declined) {
    const by = `<@${declined.by}>`;
    const words = plain(cut(declined.reason, reasonRoom));
    return [words === '' ? t('approval.declined', { by }) : t('approval.declinedFor', { by, words })];
  }
  if (approved) {
    const { credits, isOffer } = approved;
    const by = `<@${approved.by}>`;
    const model = brief(asked.models[0].name);
    const now = money.quote?.credits ?? credits;
    const isOver = ['failed', 'cancelled', 'expired'].includes(stage) && !hasBegun(flow);
    return [
      isOffer ? t('approval.offerTaken', { by, person, model, credits }) : t('approval.approved', { by, credits }),
      ...(stage === 'quoted' && now !== credits ? [t('approval.moved', { credits: now, person })] : []),
      ...(isOver ? [t('approval.notStarted')] : []),
    ];
  }
  if (stage === 'cancelled') return [t('approval.cancelled')];
  return [t(stage === 'expired' ? 'approval.lapsed' : 'approval.changed')];
}

function colourOf({ stage, approval: { approved, declined } }: Flow): number {
  if (stage === 'held') return colours.waiting;
  if (declined) return colours.bad;
  return approved ? colours.good : colours.working;
}

function buttons(flow: Flow): APIButtonComponent[] {
  const { approval, asked, money, id } = flow;
  const button = (
    answer: AskButton['answer'],
    label: string,
    style: ButtonStyle.Success | ButtonStyle.Secondary,
  ): APIButtonComponent => ({
    type: ComponentType.Button,
    custom_id: writeAskId({ answer, flow: id, ask: approval.asks }),
    label: cut(label, limits.buttonLabel),
    style,
  });
  return [
    button('approve', approveLabel(money.quote?.credits ?? 0), ButtonStyle.Success),
    // What several models make together has no single cheaper one.
    ...(asked.models.length === 1 ? [button('offer', t('button.offer'), ButtonStyle.Secondary)] : []),
    button('decline', t('button.decline'), ButtonStyle.Secondary),
    ...(isShownWhole(flow) ? [] : [button('read', t('button.read'), ButtonStyle.Secondary)]),
  ];
}
