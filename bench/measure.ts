import { readFileSync } from 'node:fs';
import type { Person } from '../playground/discord/person.ts';
import type { Channel } from '../playground/discord/world.ts';

/** The value below which a share of the sorted list lies. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** How many of these moments (milliseconds) lie within one minute at the most. */
export const mostInAMinute = (moments: readonly number[]): number =>
  Math.max(0, ...moments.map((at) => moments.filter((one) => one > at - 60_000 && one <= at).length));

/** Memory of a process in MiB, as the system counts it (Linux). */
export const memoryOf = (pid: number | undefined) => statusOf(pid, 'VmRSS');

/** The most memory a process had since that was reset, in MiB (Linux). */
export const peakOf = (pid: number | undefined) => statusOf(pid, 'VmHWM');

function statusOf(pid: number | undefined, field: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}

/** Milliseconds that a process has had of the processor so far, as the system counts it (Linux, in hundredths of a second). */
export function processorOf(pid: number | undefined): number {
  // What follows the name, which may have spaces in it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

export const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Milliseconds until each of many people, all at once, has an answer to a command. */
export async function answerTimes(people: Person[], channels: Channel[], rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      people.map(async (person, index) => {
        const channel = channels[index % channels.length];
        if (!channel) return;
        const begun = performance.now();
        const outcome = await person.command(channel, 'image', { prompt: `picture ${round}` });
        if (outcome.type !== 'message') throw new Error(`Answered with ${outcome.type}`);
        times.push(performance.now() - begun);
      }),
    );
    await wait(600);
  }
  return times;
}
