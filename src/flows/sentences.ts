import { defaultAccount } from '../defaultAccount.ts';
import { brief, cut, plain } from '../text/cut.ts';
import { t } from '../text/text.ts';
import { creditsPerJob, type Flow, type Obstacle } from './flow.ts';
import type { Reason } from './reasons.ts';
import { recipes } from './recipes/index.ts';

/** Credits as people read them: `7 credits`, `1 credit`, `0.5 credits`. */
export const credits = (amount: number) => t('fact.credits', { credits: amount });

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
  switch (code) {
    case 'insufficient':
      return insufficient(reason);
    case 'unauthorized':
      return flow.account === defaultAccount ? t('reason.unauthorizedBot') : t('reason.unauthorizedServer');
    case 'modelGone':
      return t('reason.modelGone', { model: brief(flow.model.name) });
    case 'badFile':
      return t('reason.badFile', { problem: plain(reason.problem ?? t('files.doesNotWork')) });
    case 'notOffered':
      return t(`recipe.${flow.recipe}.notOffered`);
    case 'jobFailed':
      return failedSentence(flow);
    case 'lost':
      return t(recipes[flow.recipe].isInHistory ? 'reason.lost' : 'reason.lostNoHistory', {
        credits: flow.unclear * creditsPerJob(flow),
      });
    case 'gaveUp':
      return flow.submittedAt === null ? t('reason.neverStarted') : t('reason.neverFinished');
    default:
      return t(`reason.${code}`);
  }
}

function insufficient({ price, balance, topUp }: Reason): string {
  const address = topUp ? `<${topUp}>` : 'kubeez.com';
  if (price === undefined || balance === undefined) return t('reason.insufficientUnknown', { address });
  return t('reason.insufficient', { price, balance, address });
}

function failedSentence({ charged }: Flow): string {
  if (charged === null) return t('reason.failedUnknown');
  return charged === 0 ? t('reason.failedUncharged') : t('reason.failedCharged', { credits: charged });
}

/** The end of a flow, for its requester, who was not looking. */
export const endSentence = ({ recipe, stage, requester }: Flow) =>
  t(stage === 'delivered' ? `recipe.${recipe}.ready` : `recipe.${recipe}.failed`, { person: `<@${requester}>` });

/** Why a result is not attached as it is. `what`: the file, or the original of which there is a smaller version. */
export function obstacleSentence(why: Obstacle | null, what: 'file' | 'original'): string {
  if (why === 'noPermission') return t('result.noPermission');
  return t(`result.${why ?? 'notAttached'}`, { what });
}
