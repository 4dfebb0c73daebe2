const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Every wait of a flow, in milliseconds: none is without an end. */
export const times = {
  /** A quote is worth confirming this long. */
  quoteHolds: 10 * minute,
  /** A quoted flow that nobody confirms closes after this. */
  quotedCloses: hour,
  /** Files must arrive within this. */
  uploadCloses: 30 * minute,
  /** After this without the last file the session is read less often. */
  uploadSlows: 3 * minute,
  uploadSlowFactor: 4,
  /** No word about a price: ask again after this, and stop after that. */
  priceRetry: 15 * second,
  priceGivesUp: 15 * minute,
  /** An outage may take this long. */
  outageGivesUp: 24 * hour,
  /** A price older than this is read again before a waiting flow starts; longer than a start ever waits for its minute. */
  priceFresh: 3 * minute,
  /** A start the platform refused for being too busy is tried again after this. */
  busyRetry: 15 * second,
  /** A sign-in that was refused is tried again after this. */
  signInRetry: minute,
  queueCheck: minute,
  queueGivesUp: 24 * hour,
  /** A paid call may take this long; one that waits for its result, that long. */
  paidCall: minute,
  captionsCall: 10 * minute,
  /** No word this long after a paid call should have been answered counts as a lost answer. */
  submitSlack: 30 * second,
  /** Between two starts of the same flow: after this the rest is left out. */
  restWaits: minute,
  /** Pauses between the look-ups of a lost answer; after the last one the flow is `unknown`. */
  lookUpPauses: [5 * second, 15 * second, 30 * second, minute],
  /** An expected time that is out of this world does not keep a result waiting. */
  firstCheckMost: 10 * minute,
  runningGivesUp: 24 * hour,
  /** A fresh job id may be unknown to the platform for a moment. */
  freshId: minute,
  outageRetry: 30 * second,
  deliverRetry: 10 * second,
  deliverRetryMost: 5 * minute,
  /** Whoever had to wait longer than this is called when the result is there. */
  patientFor: 2 * minute,
} as const;

/**
 * How long the card of a running job stays as it is, in milliseconds: edits get rarer, and after an hour they stop
 * (undefined), because Discord gives old messages a small budget (error 30046).
 */
export function redrawAfter(elapsed: number): number | undefined {
  if (elapsed < 2 * minute) return 5 * second;
  if (elapsed < 10 * minute) return 15 * second;
  return elapsed < hour ? minute : undefined;
}
