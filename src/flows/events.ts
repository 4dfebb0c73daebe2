import type { Flow, Job, Output, PostedResult, Word } from './flow.ts';
import type { SeenTypes } from './givenFiles.ts';
import type { Reason } from './reasons.ts';

/** What can happen to a flow. Everything the outside world has to say comes in as one of these. */
export type Event =
  /** The card is up. */
  | { type: 'started'; message: string }
  | { type: 'resumed' }
  | { type: 'woke' }
  | PressEvent
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
  | { type: 'uploadSeen'; files: UploadedFile[]; readiness: 'exact' | 'pessimistic' | null }
  | {
      type: 'priced';
      round: number;
      credits: number;
      basis: 'list' | 'exact' | 'pessimistic';
      balance: number;
      topUp?: string;
    }
  | { type: 'priceRefused'; round: number; reason: Reason }
  | { type: 'placed'; place: number }
  | { type: 'slotFree' }
  /** The answer to a paid call. `start`: which of the flow's paid calls it was, counted from 1. */
  | { type: 'submitted'; start: number; jobs: string[]; seconds: number | null; note?: string; finished?: Finished }
  /** Kubeez proved that it accepted nothing. `again`: it will take the call later. */
  | { type: 'submitRefused'; start: number; again: boolean; reason: Reason }
  /** Nothing proves whether the call was accepted. `claim`: why it was refused, if the tool's words are true. */
  | { type: 'answerLost'; start: number; claim: Reason | null }
  /** Jobs of the call whose answer was lost. */
  | { type: 'found'; jobs: string[] }
  /** `hasHistory`: whether the platform keeps a history of this kind, so that looking again may help. */
  | { type: 'notFound'; hasHistory: boolean }
  | { type: 'checked'; jobs: CheckedJob[] }
  | { type: 'checkFailed'; reason: Reason }
  | { type: 'posted'; card: Flow['card']; results: PostedResult[]; replies: string[]; charged: number | null }
  /** A reply went out ahead of the card, with the results from the `first` one on. */
  | { type: 'sentAhead'; message: string; first: number; results: PostedResult[] }
  /** The result could not be posted; `again` tells whether trying later may help. */
  | { type: 'postFailed'; again: boolean }
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
  /** The message with the button. */
  at: { guild: string | null; channel: string; message: string };
}

/** Who pressed: what Discord says of them. */
export interface Presser {
  id: string;
  /** Roles in the server, beside that of everybody; none in a DM. */
  roles: string[];
  managesServer: boolean;
}

/** A message of the bot. */
export interface SentMessage {
  channel: string;
  message: string;
}

export const presses = ['link', 'done', 'confirm', 'cancel', 'check', 'again'] as const;
export type Press = (typeof presses)[number];

/** A result that came with the answer to its start. */
interface Finished {
  outputs: Output[];
  words: Word[] | null;
}

export interface UploadedFile {
  url: string;
  kind: 'image' | 'video' | 'audio';
  name: string;
  seconds?: number | undefined;
  bytes?: number | undefined;
  /** Its MIME type, where Kubeez tells it. */
  type?: string | undefined;
  /** Kubeez could not read it at all; waiting does not help. */
  unreadable: boolean;
  /** Kubeez has not measured it yet. */
  unmeasured: boolean;
}

export interface CheckedJob {
  id: string;
  status: Job['status'];
  outputs: Output[];
  error: string | null;
  charged: number | null;
  seed: number | null;
  missing?: string[];
  /** It seems to be over, although something is missing. */
  isPartial?: boolean;
}

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
  | { do: 'submit' }
  | { do: 'lookUp' }
  | { do: 'check' }
  | { do: 'deliver' }
  | { do: 'mention' };

export interface Step {
  flow: Flow;
  effects: Effect[];
  /** Why a press changed nothing; left out when it was heard. */
  refused?: PressRefusal;
}

/**
 * Why a press is not heard. `gone`: there is no such flow where it was pressed; `notYours`: another person started it;
 * `moved`: the card is elsewhere by now, and what stands on the old one, such as its price, may no longer hold.
 */
export type PressRefusal = 'gone' | 'notYours' | 'moved';
