import { end, newStage, startWithLog } from './bots.ts';
import { heapReport } from './heapOf.ts';
import { leaveOpenFlows } from './leftBehind.ts';
import { memoryOf, mostInAMinute, processorOf, wait } from './measure.ts';
import { cancelling, pressTime } from './presses.ts';

/** What a start with open flows took, and what they cost while they are open. */
export interface OpenFlowsCost {
  count: number;
  /** How many were taken up, and seconds from READY until all were. */
  taken: { count: number; seconds: number };
  /** Seconds until each of at most twenty people had an answer who pressed Cancel in the moment of READY. */
  presses: number[];
  /** Paid calls that the start made. */
  paid: number;
  /** Reads in any minute of those that were followed, and how many Kubeez refused. */
  reads: { most: number; refused: number };
  /** MiB that the system counts, and those in use once all garbage is collected. */
  memory: number;
  live: number;
  /** How much of a processor it takes to follow them, in percent. */
  processor: number;
}

/** Seconds that a start may take before it is given up. */
const patience = 60;

/** Starts the bot with so many flows left open, and lets it follow them for some seconds (`followed`). */
export async function followOpenFlows(count: number, followed: number): Promise<OpenFlowsCost> {
  const stage = await newStage();
  const quoted = await leaveOpenFlows(stage, count);
  const { platform } = stage.kubeez;
  const paid = platform.jobs.size;
  const heap = heapReport();
  const bot = startWithLog(stage, heap.env);
  const { pid } = bot.process;
  await stage.discord.world.until(() => stage.discord.gateway.identified > 0, 'READY', patience * 1000);
  const readyAt = performance.now();
  const pressing = Promise.all(pressedOf(quoted).map((one) => pressTime(stage, cancelling(one))));
  const resumed = () => bot.output.join('').match(/"resumed":(\d+)/)?.[1];
  while (resumed() === undefined && performance.now() - readyAt < patience * 1000) await wait(10);
  const seconds = (performance.now() - readyAt) / 1000;
  const presses = await pressing;
  // Those that were cancelled are no longer open.
  const taken = { count: Math.min(count, Number(resumed() ?? 0) + presses.length), seconds };
  await wait(2000);
  const used = processorOf(pid);
  platform.reads.length = 0;
  await wait(followed * 1000);
  const processor = (processorOf(pid) - used) / (followed * 10);
  const reads = { most: mostInAMinute(platform.reads), refused: platform.refusedReads };
  const memory = memoryOf(pid);
  const live = await heap.read(bot.process);
  await end(bot.process);
  await stage.close();
  return { count, taken, presses, paid: platform.jobs.size - paid, reads, memory, live, processor };
}

/** The last twenty: those that are taken up last. With few there is none to spare. */
const pressedOf = <One>(quoted: One[]): One[] => (quoted.length < 40 ? [] : quoted.slice(-20));
