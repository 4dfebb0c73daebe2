/** The store did not answer in time. */
export class StoreTimeout extends Error {
  override name = 'StoreTimeout';
}

/**
 * What `promise` gives, or {@link StoreTimeout} after so many milliseconds; it may still come to an end later. By hand,
 * because p-timeout makes an error with its stack for every call in advance, and this is done for every command.
 */
export async function within<Result>(milliseconds: number, promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(
      () => fail(new StoreTimeout(`The store gave no answer in ${milliseconds / 1000} s`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
