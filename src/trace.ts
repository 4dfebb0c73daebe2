import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';

/**
 * One number leads from what somebody did over the calls of Kubeez to the result: it is in each line of the log and in each
 * call. It is worked out of the name of a flow (or of an interaction, as long as there is no flow), so nothing of it is kept.
 */
const traced = new AsyncLocalStorage<Traced>();

interface Traced {
  id: string;
  /** Worked out when it is first asked for. */
  trace: string | undefined;
  /** What else the log says in each line, as long as that holds. */
  about(): object;
}

const digits = (text: string, length: number) => createHash('sha256').update(text).digest('hex').slice(0, length);

/** The trace of a flow, or of an interaction that is no flow's: 32 hexadecimal digits. */
export function traceOf(id: string): string {
  const now = traced.getStore();
  if (now?.id !== id) return digits(id, 32);
  now.trace ??= digits(id, 32);
  return now.trace;
}

/**
 * Does something for a flow or an interaction: what is logged and called meanwhile, also later in what it began, has its trace.
 *
 * @param about gives what else the log says in each line: nothing once it is over, for timers begun meanwhile go on
 */
export const tracing = <Result>(id: string, work: () => Result, about = () => ({})): Result =>
  traced.run({ id, trace: undefined, about }, work);

/** The trace of what is being done now; undefined for what nobody asked for. */
export function currentTrace(): string | undefined {
  const now = traced.getStore();
  return now && traceOf(now.id);
}

/** What the log says in each line of what is being done now. */
export const currentlyAbout = (): object => traced.getStore()?.about() ?? {};

/**
 * What is being done now as W3C Trace Context has it (`traceparent`): the trace, and a number of one call in it.
 *
 * @param call tells the call from all others of this process
 */
export function traceparent(call: string): string {
  const trace = currentTrace() ?? traceOf(call);
  return `00-${trace}-${digits(`${trace} ${call}`, 16)}-01`;
}
