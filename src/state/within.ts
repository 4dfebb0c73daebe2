import pTimeout from 'p-timeout';

/** The store did not answer in time. */
export class StoreTimeout extends Error {
  override name = 'StoreTimeout';
}

/** What `promise` gives, or {@link StoreTimeout} after so many milliseconds; it may still come to an end later. */
export const within = <Result>(milliseconds: number, promise: Promise<Result>): Promise<Result> =>
  pTimeout(promise, {
    milliseconds,
    message: new StoreTimeout(`The store gave no answer in ${milliseconds / 1000} s`),
  });
