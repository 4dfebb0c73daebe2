const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Every wait of a flow, in milliseconds; each one ends. */
export const times = {
  /** A quote is worth confirming this long. */
  quoteHolds: 10 * minute,
  /** A quoted flow that nobody confirms closes after this. */
  quotedCloses: hour,
  /** An approval that nobody gives lapses after this; whether the message that asks is still there is looked at now and then. */
  approvalLapses: 24 * hour,
  approvalCheck: 15 * minute,
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
  priceFresh: 70 * second,
  /** The same for the rest of several starts: it is left out after this. */
  restFresh: 3 * minute,
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
  /** So soon after a start no job that it began can have failed and got its credits back. */
  claimHolds: 5 * second,
  /** Pauses between the look-ups of a lost answer; after the last one the call is unclear. */
  lookUpPauses: [5 * second, 15 * second, 30 * second, minute],
  /** What a job cost is a nicety: no result waits for it longer than this. */
  chargeHoldsUp: 2 * second,
  /** Credits of a failed job may come back late: pauses between the looks for them. */
  refundLooks: [5 * second, 25 * second, 90 * second],
  /** When every other job has ended, what is unclear is looked for once more, and not waited for longer than this. */
  lastLookUp: 10 * second,
  /** However long a job is said to take, it is looked at after this. */
  maxFirstCheck: 10 * minute,
  runningGivesUp: 24 * hour,
  /** A wake-up that is late by this much means that nobody was there: what was to be tried until then has this long again. */
  away: 10 * minute,
  /** A fresh job id may be unknown to the platform for a moment. */
  freshId: minute,
  /** A job that is over but lacks the address of one of its results is given as it is after this. */
  missingFile: 3 * minute,
  /** The same where there is no address at all. */
  missingAll: 15 * minute,
  /** Of several jobs one may take this much longer than the others, or as long as it should take in all. */
  slowestJob: 10 * minute,
  outageRetry: 30 * second,
  /**
   * Pauses between tries to bring a result: a host is often late by seconds, rarely by minutes. After the last one
   * a link is given; only a Discord that is away is waited for longer.
   */
  deliverPauses: [1, 1, 1, 1, 2, 3, 5, 8, 15, 25, 40, 60].map((seconds) => seconds * second),
  maxDeliverRetry: 5 * minute,
  /** After this many tries the card says that there is a delay. */
  deliverQuietly: 5,
  /** Whoever waited longer than this after Confirm is mentioned when the result is there. */
  patientFor: 30 * second,
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
