import { notAsked } from '../src/flows/approval.ts';
import { renderAsk } from '../src/flows/approvalMessage.ts';
import { type Card, renderCard } from '../src/flows/card.ts';
import { type Flow, type Stage, stages } from '../src/flows/flow.ts';
import { reasonSchema } from '../src/flows/reasons.ts';
import { recipeNames } from '../src/flows/recipes/index.ts';
import type { Locale } from '../src/text/languages.ts';
import { someModel } from './flows.ts';

/** One message that the bot draws from a record, in one language. */
export interface DrawnCard {
  title: string;
  draw(card: Locale): Card;
}

const notices = [
  ...['stale', 'moved', 'changed', 'payer', 'pictures', 'notStarted', 'outage', 'busy', 'signedOut', 'notFound'],
  ...['noHistory', 'away', 'slow', 'measuring', 'linkInstead'],
] as const;

/** Every card there is: each stage, each kind, each notice and reason, and what approvers are asked. */
export function everyCard(base: (stage: Stage) => Flow): DrawnCard[] {
  const card = (title: string, flow: Flow): DrawnCard => ({
    title,
    draw: (card) => renderCard({ ...flow, languages: { card, requester: card } }, 30_000),
  });
  const ask = (title: string, flow: Flow): DrawnCard => ({
    title: `approvers: ${title}`,
    draw: (card) => renderAsk({ ...flow, languages: { card, requester: card } }),
  });
  const shown = (stage: Stage, changes: Partial<Flow['shown']>): Flow => {
    const flow = base(stage);
    return { ...flow, shown: { ...flow.shown, ...changes } };
  };
  const by = { by: '1001', at: 0 };
  const rule = { above: 100, kind: 'image', role: null, approvers: '70', channel: '3001' };
  const held = { ...base('held'), approval: { ...notAsked, rule, asks: 1 } };
  const offer = { ...by, model: someModel, credits: 5, isRefused: false };
  const reasons = reasonSchema.shape.code.options.map((code) => ({
    code,
    price: 270,
    balance: 261,
    topUp: 'https://kubeez.com/pricing',
  }));
  return [
    ...stages.map((stage) => card(stage, stage === 'held' ? held : base(stage))),
    ...recipeNames.map((recipe) => card(`quoted: ${recipe}`, { ...base('quoted'), recipe })),
    ...recipeNames.map((recipe) => card(`delivered: ${recipe}`, { ...base('delivered'), recipe })),
    ...notices.map((notice) => card(`notice: ${notice}`, shown('quoted', { notice }))),
    ...reasons.map((reason) => card(`failed: ${reason.code}`, shown('failed', { reason }))),
    ...reasons.slice(0, 3).map((reason) => card(`unclear: ${reason.code}`, shown('unclear', { reason }))),
    card('held: offer', { ...held, approval: { ...held.approval, offer } }),
    ask('open', held),
    ask('offer', { ...held, approval: { ...held.approval, offer } }),
    ask('approved', {
      ...held,
      stage: 'queued',
      approval: { ...held.approval, approved: { ...by, credits: 7, isOffer: false } },
    }),
    ask('declined', {
      ...held,
      stage: 'failed',
      approval: { ...held.approval, declined: { ...by, reason: 'too dear' } },
    }),
  ];
}
