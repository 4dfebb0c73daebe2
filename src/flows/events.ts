import type { Started } from '../kubeez/kubeez.ts';
import type { JobStatus, Task, UploadedFile } from '../kubeez/media.ts';
import type { ApprovalRule } from './approval.ts';
import type { Asked, AskedModel } from './asked.ts';
import type { Flow, PostedResult } from './flow.ts';
import type { SeenTypes } from './givenFiles.ts';
import type { Payer } from './payer.ts';
import type { Reason } from './reasons.ts';
import type { Room } from './room.ts';
import type { FoundJob } from './runs.ts';
import type { SentMessage } from './sentMessage.ts';
import type { AppliedPicture } from './style.ts';

/** Everything that can happen to a flow. */
export type Event =
  /** The card is up. */
  | { type: 'started'; message: string }
  | { type: 'resumed' }
  | { type: 'woke' }
  | PressEvent
  | ChangeEvent
  | AnswerEvent
  /** The first bytes of the given files were looked at, as far as Discord gave them in time. */
  | { type: 'filesLookedAt'; types: SeenTypes }
  /** `direct`: where the bot may bring files by itself. */
  | { type: 'uploadOpened'; token: string; url: string; direct: string | null }
  | { type: 'uploadRefused'; reason: Reason }
  /** `explained`, `link`: the messages in the requester's DMs. */
  | { type: 'linkSent'; by: 'dm'; explained: SentMessage; link: SentMessage }
  | { type: 'linkSent'; by: 'private'; explained: SentMessage | null }
  | { type: 'linkNotSent'; explained: SentMessage | null }
  /** The attachments are on Kubeez now. */
  | { type: 'transferred' }
  | { type: 'transferFailed' }
  /** What is there could not be read. */
  | { type: 'uploadUnread'; reason: Reason }
  | { type: 'uploadSeen'; files: UploadedFile[]; readiness: Flow['upload']['readiness'] }
  /**
   * `prices`: credits of one run of each model, by its id. `room`: what the tightest spend limit has left; left out where none
   * applies. `hold`: who has to approve it; left out where nobody has. `payer`: who would pay now; left out where that is still
   * whoever the flow says. `pictures`: those of the style, as they are there now; left out where none are wanted.
   */
  | {
      type: 'priced';
      round: number;
      prices: Record<string, number>;
      basis: NonNullable<Flow['money']['quote']>['basis'];
      balance: number;
      topUp?: string;
      room?: Room;
      hold?: ApprovalRule;
      payer?: Payer;
      pictures?: AppliedPicture[];
    }
  | { type: 'priceRefused'; round: number; reason: Reason }
  | { type: 'positioned'; position: number }
  /** It was its turn, but a spend limit has no room for its price. */
  | { type: 'limitFull'; room: Room }
  /** The same, but the rules of the server do not allow it any more. */
  | { type: 'ruledOut'; reason: Reason }
  /** The same, but the server does not let its requester's own account pay any more. */
  | { type: 'payerRuledOut' }
  /** A start was given out. `at`: when, where spend limits were asked; their credits are held from then on. */
  | { type: 'slotFree'; at?: number }
  /** The answer to a paid call, with the ids of its jobs. `call`: which of the flow's paid calls it was, counted from 1. */
  | ({ type: 'submitted'; call: number; jobs: string[] } & Omit<Started, 'ids'>)
  /** Kubeez proved that it accepted nothing. `again`: it will take the call later. */
  | { type: 'submitRefused'; call: number; again: boolean; reason: Reason }
  /** Nothing proves whether the call was accepted. `claim`: why it was refused, if the tool's words are true. */
  | { type: 'answerLost'; call: number; claim: Reason | null }
  /** Jobs of calls whose answer was lost. */
  | { type: 'found'; jobs: FoundJob[] }
  /** `hasHistory`: whether the platform keeps a history of this kind, so that looking again may help. */
  /** `isCharged`: the balance contradicts the refusal that the platform claims. */
  | { type: 'notFound'; hasHistory: boolean; isCharged?: boolean }
  /** `tasks`: those that go on, as the server wants them asked for now. */
  | { type: 'checked'; jobs: CheckedJob[]; tasks?: Task[] }
  | { type: 'checkFailed'; reason: Reason }
  /** Later than its jobs failed: whether the platform has by now taken nothing for them, and what the balance tells. */
  | { type: 'refundChecked'; isUncharged: boolean; refund: Flow['money']['refund'] }
  /** `charges`: what was taken for each job, by its id, as far as it was read. */
  | {
      type: 'posted';
      card: Flow['card'];
      results: PostedResult[];
      replies: string[];
      charged: number | null;
      charges?: Record<string, number>;
    }
  /** A reply went out ahead of the card, with the results from the `first` one on. */
  | { type: 'sentAhead'; message: string; first: number; results: PostedResult[] }
  /** The result could not be posted; `again` tells whether trying later may help. */
  | { type: 'postFailed'; again: boolean }
  /**
   * The message that asks approvers says what it should have said in `version`. `message`: where it is, null where it could
   * not be posted; `left`: where it is besides; `posts`: how often it was.
   */
  | {
      type: 'askShown';
      ask: number;
      version: number;
      message: SentMessage | null;
      left: SentMessage[];
      posts: number;
      problem: Flow['approval']['problem'];
    }
  | { type: 'cardPosted'; message: string }
  | { type: 'cardLost' }
  /** Somebody had the card shown again, elsewhere: `reply` is what it answers there. */
  | { type: 'cardMoved'; by: string; card: Flow['card']; reply: Flow['reply'] }
  /** The result was shown again, in a message that stays as it is. */
  | { type: 'copied'; channel: string; message: string }
  /** The requester, or whoever manages messages, wants it gone. */
  | { type: 'deleted' }
  /** The command's answer never reached Discord: nobody has seen this flow. */
  | { type: 'neverShown' };

/** Somebody pressed a button of the flow. */
export interface PressEvent {
  type: 'pressed';
  action: Press;
  by: Presser;
  /** What the button said. */
  label: string;
  /** What stood at the foot of the card, which tells how often the request had been changed; left out where there is no card. */
  footer?: string;
  /** The message with the button. */
  at: { guild: string | null; channel: string; message: string };
}

/** Somebody wants something else made, in the same card. */
export interface ChangeEvent {
  type: 'changed';
  by: Presser;
  /** Where they did it; no message where that was not the card itself, but a list that only they see. */
  at: { guild: string | null; channel: string; message: string | null };
  asked: Pick<Asked, 'prompt' | 'models' | 'modelTakenAs' | 'options' | 'adjusted'>;
  /** Paid calls to make. */
  calls: number;
  /** How often the request had been changed when this change was worked out. */
  changes: number;
}

/** Who pressed: what Discord says of them. */
export interface Presser {
  id: string;
  /** Roles in the server, beside that of everybody; none in a DM. */
  roles: string[];
  managesServer: boolean;
  /** The server lets them press the buttons of other people's flows. */
  forOthers: boolean;
}

export const presses = ['link', 'done', 'confirm', 'unstyle', 'cancel', 'check', 'again', 'take', 'wait'] as const;
export type Press = (typeof presses)[number];

/** Somebody answered the message that asks for an approval. */
export interface AnswerEvent {
  type: 'answered';
  /** The number of the ask. */
  ask: number;
  answer: Answer;
  by: Pick<Presser, 'id' | 'roles'>;
  at: Pick<PressEvent['at'], 'guild' | 'channel'>;
}

/** `reason`: in their words, perhaps empty. `credits`: what the other model costs, for all runs. */
export type Answer =
  | { is: 'approve' }
  | { is: 'decline'; reason: string }
  | { is: 'offer'; model: AskedModel; credits: number };

/** What was read of a job. */
export type CheckedJob = { id: string } & JobStatus;

/** What is to be done after the record is saved. All but `submit` may safely be done twice. */
export type Effect =
  | { do: 'findCard' }
  /** `canWait`: nobody waits to see it. */
  | { do: 'draw'; canWait?: true }
  | { do: 'lookAtFiles' }
  | { do: 'openUpload' }
  | { do: 'sendLink' }
  /** Says privately that the link is in the DMs. */
  | { do: 'tellOfLink' }
  /** Says in the DMs that files are no longer taken. */
  | { do: 'endUpload'; explained: SentMessage; link: SentMessage | null }
  | { do: 'transfer' }
  | { do: 'readUpload' }
  | { do: 'price'; fresh: boolean }
  /** Makes the paid call of this number. */
  | { do: 'submit'; call: number }
  | { do: 'lookUp' }
  | { do: 'check' }
  /** Looks a little later whether the credits of failed jobs came back. */
  | { do: 'checkRefund' }
  | { do: 'deliver' }
  /** Posts the message that asks approvers, or brings it up to date. */
  | { do: 'ask' }
  /** `about`: why the requester is called. */
  | { do: 'mention'; about: 'end' | 'offer' | 'moved' };

export interface Step {
  flow: Flow;
  effects: Effect[];
  /** Why a press or an answer changed nothing; left out when it was heard. */
  refused?: PressRefusal | AnswerRefusal;
}

/**
 * Why a press is refused. `gone`: there is no such flow where it was pressed; `notYours`: another person started it;
 * `ownAccount`: another person pays for it with an account of their own; `moved`: the card is elsewhere now, and what the old one says, such as the price, may be out of date; `late`: what was to be
 * changed is confirmed or over; `changed`: another change came first.
 */
export type PressRefusal = 'gone' | 'notYours' | 'ownAccount' | 'moved' | 'late' | 'changed';

/**
 * Why an approver’s answer is refused. `gone`: nobody is asked for it there; `own`: they asked for it or confirmed it;
 * `notApprover`: they lack the role; `over`: it was answered already, or is asked no more.
 */
export type AnswerRefusal = 'gone' | 'own' | 'notApprover' | 'over';
