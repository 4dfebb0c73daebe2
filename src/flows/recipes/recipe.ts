import type { JobKind } from '../../kubeez/jobStatus.ts';
import type { PickRequest, Start } from '../../kubeez/kubeez.ts';
import type { MediaKind } from '../../kubeez/media.ts';
import type { Model } from '../../kubeez/model.ts';
import type { PaidTool } from '../../kubeez/tools.ts';
import type { AskedModel, Need, Options } from '../asked.ts';
import type { Flow } from '../flow.ts';
import type { RecipeName } from './index.ts';

/** Jobs of one pool share a limit of the account on how many may run at once. */
export type Pool = 'media' | 'music' | 'speech' | 'ads';

/** What one paid call of a flow begins. */
export interface Call {
  model: AskedModel;
  seed: number | null;
  /** How many runs it begins. */
  count: number;
}

/** What differs between kinds of flows. Pure: it says what to ask the platform and what to send, and does neither. */
export interface Recipe {
  name: RecipeName;
  emoji: string;
  /** What its results are. */
  makes: MediaKind | 'text';
  /** Whether it follows words of its requester's, which can be changed for another try. */
  takesPrompt: boolean;
  /** Whether the tool is told which model to take, so that people can choose another. */
  takesModel?: boolean;
  /** Whether a row takes these options as they are; left out: each takes all, or something near to them. */
  follows?(model: Model, options: Options): boolean;
  /** Whether another seed gives another result. */
  canVary?: boolean;
  /** Whether its clips have sound only where that was asked for. */
  canBeSilent?: boolean;
  /** Whether nothing is made from its results. */
  isLast?: boolean;
  pool: Pool;
  /** What a server must offer for this. */
  tool: PaidTool;
  /** The `generation_type` a model is asked for; empty where the tool knows by itself. */
  generationType: string;
  /** Whether a row of the catalogue can do this. */
  accepts(model: Model): boolean;
  /** Which of two rows is taken when nobody chose one; left out: the most used here, then the cheapest. */
  prefers?(one: Model, other: Model): number;
  /** How the server is asked which model it would take; left out where that is not asked. */
  pick?: PickRequest;
  /** Whether this is itself one special thing, for which rows that do nothing else are right. */
  isSpecial?: boolean;
  /** The files a job needs from its requester, in the order in which the tool takes them. */
  needs(model: Model): Need[];
  /**
   * Most pictures a job of a row takes in all, where some may be those of a channel's style. Left out where another picture
   * would change what is meant.
   */
  stylePictures?(model: Model): number;
  /** Whether the tool takes only uploads of the platform's own, which it has measured. */
  ownFiles: boolean;
  /** Whether the list price is what a start costs; otherwise the estimate is asked. */
  listed(model: Model): boolean;
  /** The paid call that begins these runs. */
  start(flow: Flow, call: Call): Start;
  /** How its jobs are followed. */
  follow: JobKind;
  /** Whether the account's history lists its jobs, so that one whose answer was lost can be found again. */
  isInHistory: boolean;
  /** Milliseconds the answer to the paid call may take. */
  patience: number;
}
