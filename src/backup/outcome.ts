/** How it went, as one sentence for whoever asked for it. */
export interface Outcome {
  ok: boolean;
  sentence: string;
}

export const done = (sentence: string): Outcome => ({ ok: true, sentence });
export const refused = (sentence: string): Outcome => ({ ok: false, sentence });
