import { payerKind } from '../accountNames.ts';
import { brief, cut, plain } from '../text/cut.ts';
import { anyOf, t } from '../text/text.ts';
import { timestamp } from '../text/timestamp.ts';
import type { ApprovalRule } from './approval.ts';
import { problemSentence } from './fileProblems.ts';
import type { Flow, Obstacle } from './flow.ts';
import { isOwnAccount } from './payer.ts';
import type { Reason, RuleCode } from './reasons.ts';
import { type RecipeName, recipes } from './recipes/index.ts';
import { leftIn, whoseLimit } from './room.ts';
import { creditsOf, creditsTaken, type Job, runsIn } from './runs.ts';

/** Credits as people read them: `7 credits`, `1 credit`, `0.5 credits`. */
export const credits = (amount: number) => t('fact.credits', { credits: amount });

/** What answers whoever wants to go on from a flow of which only ids, credits and times are left. */
export const clearedSentence = ({ id, recipe, asked }: Flow, at: number) =>
  t('router.cleared', {
    id,
    recipe: t(`recipe.${recipe}.title`),
    model: brief(asked.models[0].name),
    when: timestamp(at, 'R'),
    command: recipe,
  });

/** A length of time: `55 s`, `3 min`. */
export const duration = (seconds: number) =>
  seconds < 120
    ? t('fact.seconds', { seconds: Math.round(seconds) })
    : t('fact.minutes', { minutes: Math.floor(seconds / 60) });

/** What happened, what to do next, whether credits were spent; then the platform’s own words. */
export function reasonSentence(reason: Reason, flow: Flow): string {
  const sentence = sentenceOf(reason, flow);
  if (!reason.detail || !quoted.includes(reason.code)) return sentence;
  return `${sentence} ${t('reason.says', { words: plain(cut(reason.detail, 300)) })}`;
}

/** Where the platform’s own words help. */
const quoted: Reason['code'][] = ['moderation', 'invalid', 'jobFailed'];

function sentenceOf(reason: Reason, flow: Flow): string {
  const { code } = reason;
  const [model] = flow.asked.models;
  switch (code) {
    case 'insufficient':
      return insufficient(reason, flow);
    case 'limitFull':
      return limitFull(reason);
    case 'unauthorized':
      return t(`reason.${unauthorized[payerKind(flow.account)]}`);
    case 'modelGone':
      return t('reason.modelGone', { model: brief(model.name) });
    case 'badFile':
      return t('reason.badFile', { problem: plain(problemSentence(reason.problem ?? { code: 'doesNotWork' }, model)) });
    case 'notOffered':
      return t(`recipe.${flow.recipe}.notOffered`);
    case 'jobFailed':
      return failedSentence(flow);
    case 'declined':
      return declined(flow);
    case 'lost':
      return t(recipes[flow.recipe].isInHistory ? 'reason.lost' : 'reason.lostNoHistory', {
        credits: creditsOf(runsIn(flow, 'unclear')),
      });
    case 'wordBlocked':
      // Its card is for everybody: what the server does not want to read is not repeated there.
      return t('reason.wordBlocked');
    case 'styleWord':
      return t('reason.styleWordUnnamed', { style: brief(reason.rule?.style ?? '') });
    case 'stylePhrase':
    case 'channelClosed':
    case 'roleMissing':
    case 'kindForbidden':
    case 'tooManyFlows':
    case 'coolingDown':
    case 'personBlocked':
    case 'rulesUnreadable':
      return ruleSentence(code, reason.rule, flow.recipe);
    case 'gaveUp':
      return flow.wait.submittedAt === null ? t('reason.neverStarted') : t('reason.neverFinished');
    default:
      return t(`reason.${code}`);
  }
}

/** Why the rules of a server do not allow something, to whoever wanted it. */
export function ruleSentence(code: RuleCode, rule: Reason['rule'] = {}, command: RecipeName): string {
  const { word = '', style = '', channels = [], roles = [], max = 1, until = 0 } = rule;
  switch (code) {
    case 'wordBlocked':
      return t('reason.wordNamed', { words: brief(word) });
    case 'styleWord':
      return t('reason.styleWord', { words: brief(word), style: brief(style) });
    case 'stylePhrase':
      return t('reason.stylePhrase', { style: brief(style) });
    case 'channelClosed':
      return t('reason.channelClosed', { channel: someOf(channels.map((id) => `<#${id}>`)) });
    case 'roleMissing':
      return t('reason.roleMissing', { names: someOf(roles.map((id) => `<@&${id}>`)) });
    case 'kindForbidden':
      return t('reason.kindForbidden', { command, names: someOf(roles.map((id) => `<@&${id}>`)) });
    case 'tooManyFlows':
      return t('reason.tooManyFlows', { max });
    case 'coolingDown':
      return t('reason.coolingDown', { when: timestamp(until, 'R') });
    default:
      return t(`reason.${code}`);
  }
}

/** As many names as a sentence can hold. */
const someOf = (names: string[]) => anyOf(names.length > 3 ? [...names.slice(0, 3), t('reason.others')] : names);

const unauthorized = { bot: 'unauthorizedBot', server: 'unauthorizedServer', person: 'unauthorizedOwn' } as const;

function insufficient({ price, balance, topUp }: Reason, flow: Flow): string {
  if (isOwnAccount(flow)) return t('reason.insufficientOwn', { person: `<@${flow.requester}>` });
  const address = topUp ? `<${topUp}>` : 'kubeez.com';
  if (price === undefined || balance === undefined) return t('reason.insufficientUnknown', { address });
  return t('reason.insufficient', { price, balance, address });
}

function limitFull({ room, price = 0 }: Reason): string {
  if (!room) return t('reason.limitFullUnknown');
  const { per, used, credits, until } = room;
  const isFull = leftIn(room) > 0 ? 'no' : 'yes';
  const [whose, when] = [whoseLimit(room), timestamp(until, 'R')];
  return t('reason.limitFull', { whose, per, isFull, used, credits, price, when });
}

/** What an approver said: their reason, where they gave one. */
function declined({ approval }: Flow): string {
  const { by = '', reason = '' } = approval.declined ?? {};
  const said = plain(cut(reason, reasonRoom));
  const person = `<@${by}>`;
  return said === '' ? t('reason.declined', { person }) : t('reason.declinedFor', { person, words: said });
}

/** Most characters of an approver’s reason; escaping may double them. */
export const reasonRoom = 500;

/** What a rule is about: “every request above 100 credits”. */
export const ruleAbout = ({ above, kind, role }: Pick<ApprovalRule, 'above' | 'kind' | 'role'>) =>
  t('approval.about', {
    isKind: kind === null ? 'no' : 'yes',
    kind: kind ?? '',
    isRole: role === null ? 'no' : 'yes',
    role: `<@&${role}>`,
    above,
  });

function failedSentence(flow: Flow): string {
  const { charged, refund } = flow.money;
  if (charged === null)
    return refund === null ? t('reason.failedUnknown') : t(`reason.${refund}`, { credits: creditsTaken(flow) });
  return charged === 0 ? t('reason.failedUncharged') : t('reason.failedCharged', { credits: charged });
}

/** What a result that is missing is called. */
export const missingName = (missing: Job['missing'][number], { recipe }: Flow) =>
  typeof missing === 'string'
    ? missing
    : t('fact.numbered', { what: recipe === 'music' ? 'song' : 'file', number: missing });

/** The message that tells the requester that a flow has ended. */
export function endSentence({ recipe, stage, requester, shown: { reason } }: Flow): string {
  const person = `<@${requester}>`;
  if (reason?.code === 'declined') return t('approval.tellDeclined', { person });
  return t(stage === 'delivered' ? `recipe.${recipe}.ready` : `recipe.${recipe}.failed`, { person });
}

/** The message that tells the requester of what they have to answer. */
export function callSentence(about: 'offer' | 'moved', { requester, shown }: Flow): string {
  const person = `<@${requester}>`;
  if (about === 'offer') return t('approval.tellOffer', { person });
  if (shown.notice === 'pictures') return t('approval.tellPictures', { person });
  return t(shown.notice === 'payer' ? 'approval.tellPayer' : 'approval.tellMoved', { person });
}

/** Why a result is not attached as it is. `what`: the file, or the original of which there is a smaller version. */
export function obstacleSentence(why: Obstacle | null, what: 'file' | 'original'): string {
  if (why === 'noPermission') return t('result.noPermission');
  return t(`result.${why ?? 'notAttached'}`, { what });
}

/** The label of the button that takes a cheaper model; only a press on exactly this label does. */
export const takeLabel = (credits: number) => t('button.take', { credits });

/** The label of the button that approves this price. */
export const approveLabel = (credits: number) => t('button.approve', { credits });

/** The label of the button that confirms this price; only a press on exactly this label confirms. */
export const confirmLabel = (credits: number) => t('button.confirm', { credits });

/** The foot of a card: it names the flow, and tells how often its request was changed. A press on Confirm goes by it. */
export function footerOf({ id, parent, asked: { changes } }: Pick<Flow, 'id' | 'parent' | 'asked'>): string {
  const named = parent === null ? t('card.footer', { id }) : t('card.footerFrom', { id, parent });
  return changes === 0 ? named : t('card.footerChanged', { footer: named, version: changes + 1 });
}
