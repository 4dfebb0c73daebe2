import type { MediaKind, Model } from '../../kubeez/model.ts';
import type { Flow, RecipeName } from '../flow.ts';

/** What differs between kinds of flows. Pure: it says what to ask and what to send, and does neither. */
export interface Recipe {
  name: RecipeName;
  /** The card's heading. */
  title: string;
  emoji: string;
  /** The kinds of files a job needs from its requester; empty when it needs none. */
  inputs: MediaKind[];
  /** The `generation_type` a model must offer. */
  generationType: string;
  /** Whether a row of the catalogue can do this. */
  accepts(model: Model): boolean;
  /** The arguments of the paid call. */
  callArguments(flow: Flow): Record<string, unknown>;
}
