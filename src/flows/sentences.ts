import { defaultAccount } from '../defaultAccount.ts';
import { brief, cut, plain } from '../text/cut.ts';
import { creditsPerJob, type Flow, type ModelReason, type Obstacle, type RecipeName } from './flow.ts';
import type { Reason } from './reasons.ts';
import { recipes } from './recipes/index.ts';

/** Credits as people read them: `7 credits`, `1 credit`, `0.5 credits`. */
export const credits = (amount: number) => `${amount.toLocaleString('en')} credit${amount === 1 ? '' : 's'}`;

/** What happened, whether credits were spent, what to do next: one sentence or two for every reason. */
export function reasonSentence(reason: Reason, flow: Flow): string {
  const said = reason.detail ? ` Kubeez says: “${plain(cut(reason.detail, 300))}”` : '';
  switch (reason.code) {
    case 'insufficient':
      return insufficient(reason);
    case 'moderation':
      return `Kubeez’s content check refused this request; nothing was spent. Change the wording and try again.${said}`;
    case 'invalid':
      return `Kubeez refused these settings; nothing was spent. Change them, or pick another model.${said}`;
    case 'outage':
      return 'Kubeez could not be reached; nothing was spent. Try again in a few minutes.';
    case 'busy':
      return 'Kubeez was too busy for this; nothing was spent. Try again in a few minutes.';
    case 'unauthorized':
      return flow.account === defaultAccount
        ? 'Kubeez did not accept this bot’s sign-in; nothing was spent. Ask whoever runs the bot to renew its Kubeez token.'
        : 'Kubeez did not accept the sign-in of this server’s account; nothing was spent. Ask somebody who manages the server to renew it with /connect.';
    case 'modelGone':
      return `Kubeez no longer offers ${brief(flow.model.name)}; nothing was spent. Start again with another model.`;
    case 'uploadGone':
      return 'The upload link is no longer valid; nothing was spent. Start again for a new one.';
    case 'badFile':
      return `${plain(reason.problem ?? 'That file does not work.')} Nothing was spent. Press **Again** to upload another, or use the command once more.`;
    case 'notOffered':
      return `This Kubeez server makes no ${wordFor[flow.recipe]}; nothing was spent.`;
    case 'noPrice':
      return 'Kubeez gave no price that could be read, so nothing was started or spent. Try again later, or pick another model.';
    case 'jobFailed':
      return `Kubeez could not make this. ${chargeSentence(flow)} Try again with other words or another model.${said}`;
    case 'lost':
      return lostSentence(flow);
    case 'gaveUp':
      return flow.submittedAt === null
        ? 'No place became free within a day; nothing was spent. Try again.'
        : 'Kubeez has not finished this within a day. It is paid for and not forgotten: **Check** asks again.';
    case 'nowhere':
      return 'The result is ready, but could not be posted here. Give the bot access to this channel, then press **Check**.';
  }
}

/** What a recipe makes, in the plural. */
export const wordFor: Record<RecipeName, string> = {
  image: 'pictures',
  edit: 'edits',
  video: 'clips',
  animate: 'clips',
  motion: 'clips',
  lipsync: 'clips',
  music: 'music',
  speech: 'speech',
  captions: 'captions',
  separate: 'separations',
  ad: 'ads',
  cutout: 'cutouts',
  sound: 'sounds',
  dub: 'dubbings',
};

function insufficient({ price, balance, topUp }: Reason): string {
  const figures =
    price === undefined || balance === undefined ? '' : `: it costs ${credits(price)} and ${credits(balance)} are left`;
  const where = topUp ? `Top up at <${topUp}> and start again.` : 'Top up on kubeez.com and start again.';
  return `Not enough credits${figures}. Nothing was spent. ${where}`;
}

function lostSentence(flow: Flow): string {
  const most = credits(flow.unclear * creditsPerJob(flow));
  const where = recipes[flow.recipe].isInHistory
    ? 'the job is not in the account’s history'
    : 'Kubeez keeps no history of this kind';
  return (
    `**Unclear.** The start was sent, its answer was lost, and ${where}. It may have cost up to ${most}. ` +
    '**Check** looks for it again; **Start again** asks for a new price.'
  );
}

function chargeSentence(flow: Flow): string {
  if (flow.charged === 0) return 'No credits were charged.';
  if (flow.charged !== null) return `${credits(flow.charged)} were charged.`;
  return 'It did not say what it charged; failed jobs are usually refunded.';
}

/** The end of a flow in a few words, for whoever was not looking. */
export function endSentence(flow: Flow): string {
  const [what, is] = ownWords[flow.recipe];
  if (flow.stage === 'delivered') return `your ${what} ${is} ready.`;
  return `your ${what} could not be made: the card says why.`;
}

const ownWords: Record<RecipeName, [what: string, is: 'is' | 'are']> = {
  image: ['image', 'is'],
  edit: ['edit', 'is'],
  video: ['video', 'is'],
  animate: ['animation', 'is'],
  motion: ['motion clip', 'is'],
  lipsync: ['lip sync', 'is'],
  music: ['music', 'is'],
  speech: ['speech', 'is'],
  captions: ['captions', 'are'],
  separate: ['separation', 'is'],
  ad: ['ads', 'are'],
  cutout: ['cutout', 'is'],
  sound: ['sound', 'is'],
  dub: ['dubbing', 'is'],
};

/** Why a result is not attached as it is. `what`: the file, or the original of which there is a smaller version. */
export function obstacleSentence(why: Obstacle | null, what: 'file' | 'original'): string {
  switch (why) {
    case 'tooLarge':
      return `The ${what} is too large for this place`;
    case 'refused':
      return `Discord refused the ${what}`;
    case 'noPermission':
      return 'I may not attach files here';
    case 'unavailable':
      return `The ${what} could not be downloaded`;
    case 'unknownType':
      return `The ${what} is of a type I do not know`;
    case 'linkRefused':
      return `Discord refused the ${what} and the link to it`;
    case null:
      return `The ${what} could not be attached`;
  }
}

/** Why a model is taken that nobody chose. */
export const modelReasonWords: Record<ModelReason, string> = {
  picked: 'which Kubeez picks for this',
  mostUsed: 'the most used here',
  cheapest: 'the cheapest that fits',
};

/** What changed since the requester last looked. */
export const noticeSentences: Record<NonNullable<Flow['notice']>, string> = {
  stale: 'That price expired. Here is the new one. Nothing was spent.',
  moved: 'The price changed after you confirmed. Here is the new one. Nothing was started or spent.',
  outage: 'Kubeez cannot be reached right now. This goes on by itself as soon as it can.',
  busy: 'Kubeez is busy right now. This goes on by itself as soon as there is room.',
  notFound: 'Checked just now: no such job was found on Kubeez.',
  noHistory:
    'Kubeez keeps no history of this kind, so I cannot look for the job. Your balance tells whether it was charged.',
  away: 'Kubeez could not be reached just now, so nothing could be checked. Press **Check** again later.',
  measuring: 'Kubeez is still measuring these files. This goes on by itself.',
  signedOut:
    'Kubeez rejected the sign-in of the account that pays here. This goes on by itself as soon as the sign-in works again.',
  notStarted: 'Kubeez could not be asked for the price just now, so nothing was started or spent. Please press again.',
  linkInstead: 'Kubeez could not take your file from Discord: please upload it with the link.',
  slow: 'The result is ready, but it could not be brought here yet. It is tried again by itself.',
};
