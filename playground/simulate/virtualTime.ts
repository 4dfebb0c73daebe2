import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import FakeTimers from '@sinonjs/fake-timers';
import type { Clock } from '../../src/clock.ts';
import { Chance } from './chance.ts';

/**
 * Replaces time and chance of the whole process, once, before anything else is loaded: libraries keep the functions they
 * find. From then on time stands still until {@link turn} moves it to the next timer, and ids come from a seed.
 */

/** When every story begins: 1 March 2027, 9:00 UTC. */
export const beginning = Date.UTC(2027, 2, 1, 9);

const clock = FakeTimers.install({
  now: beginning,
  // Immediates stay as they are: they wait for no time.
  toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
});

/** The time as it is, whatever a machine's clock says; in milliseconds since 1970. */
export const trueTime = Date.now.bind(Date);

/** By how many milliseconds the machine's clock is behind. */
let behind = 0;

/** The machine's clock, which somebody may set back. */
export const machineTime = () => trueTime() - behind;

export function setClockBack(milliseconds: number): void {
  behind += milliseconds;
}

/** The clock of whatever is not the bot. */
export const worldClock: Clock = {
  now: trueTime,
  wakeAt(at, wake) {
    const timer = setTimeout(wake, Math.max(0, at - trueTime()));
    return () => clearTimeout(timer);
  },
};

// Node's own would wait in real time.
AbortSignal.timeout = (milliseconds: number) => {
  const controller = new AbortController();
  const late = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  setTimeout(late, milliseconds).unref();
  return controller.signal;
};

let ids = new Chance(0);
const bytes = (length: number) => Buffer.from(Array.from({ length }, () => ids.below(256)));
Math.random = () => ids.fraction();
Object.assign(crypto, {
  randomInt: (...range: [number] | [number, number]) => {
    const [from, to] = range.length === 1 ? [0, range[0]] : range;
    return from + ids.below(to - from);
  },
  randomBytes: bytes,
  randomUUID: () => {
    const hex = bytes(16).toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  },
});
Object.assign(globalThis.crypto, { randomUUID: crypto.randomUUID });
syncBuiltinESMExports();

/** Forgets every timer, lets what is under way run out, and begins anew with the ids of this seed. */
export async function restartTime(seed: number): Promise<void> {
  for (let left = 20; left > 0; left--) {
    clock.reset();
    await new Promise((resolve) => setImmediate(resolve));
  }
  clock.reset();
  clock.setSystemTime(beginning);
  behind = 0;
  Date.now = trueTime;
  ids = new Chance(seed);
}

/** Work that no timer tells of, such as reading a form: time stands still until it is done. */
let underWay = 0;

/** Lets such a piece of work come to its end before time goes on. */
export async function awaitedByTime<Result>(work: Promise<Result>): Promise<Result> {
  underWay++;
  try {
    return await work;
  } finally {
    underWay--;
  }
}

/** Lets everything happen that can happen now, and then moves time to the next timer. Gives whether there was one; throws what that throws. */
export async function turn(): Promise<boolean> {
  for (let left = 2; left > 0 || underWay > 0; left--) await new Promise((resolve) => setImmediate(resolve));
  if (clock.countTimers() === 0) return false;
  clock.next();
  return true;
}

export const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** The machine stands still for so long: whatever should have happened meanwhile happens when it goes on, once. */
export const standStill = (milliseconds: number) => clock.jump(milliseconds);
