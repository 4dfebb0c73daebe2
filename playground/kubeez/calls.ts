import type { ServerResponse } from 'node:http';
import type { Clock } from '../../src/clock.ts';
import type { Job } from './platform.ts';

/** One call of a tool, as the platform knows it. Of what was sent nothing but its trace is kept, and nothing of the answer. */
export interface Call {
  number: number;
  tool: string;
  /** `traceparent` of the call's `_meta`; empty where it had none. */
  traceparent: string;
  /** When it came, in milliseconds since 1970. */
  at: number;
  /** The jobs that it began. */
  jobs: Job[];
  isRefused: boolean;
  /** `lost`: the connection broke before the answer was out. `away`: the platform was not there. */
  answer: 'awaited' | 'sent' | 'lost' | 'away';
}

/** Calls that are kept: more than anybody looks back at. */
const kept = 500;
/** MCP's own methods have a slash in their names; tools have none. */
const isTool = (asked: string) => asked !== '' && asked !== 'initialize' && asked !== 'ping' && !asked.includes('/');

/** The latest calls of tools, oldest first; those that began jobs are all kept. */
export class CallLog {
  /** The names of tools that cost credits, as far as they were offered. */
  readonly paidTools = new Set<string>();
  readonly calls: Call[] = [];
  readonly #clock: Clock;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes that something was asked for, and what becomes of its answer. */
  note(asked: string, traceparent: string, answer: ServerResponse): Call {
    const call: Call = {
      number: ++this.#count,
      tool: asked,
      traceparent,
      at: this.#clock.now(),
      jobs: [],
      isRefused: false,
      answer: 'awaited',
    };
    if (!isTool(asked)) return call;
    this.calls.push(call);
    answer.once('close', () => {
      call.answer = !answer.writableFinished ? 'lost' : answer.statusCode === 503 ? 'away' : 'sent';
      this.#forgetOld();
    });
    return call;
  }

  #forgetOld(): void {
    const oldest = this.calls.findIndex(({ jobs }) => jobs.length === 0);
    if (this.calls.length > kept && oldest >= 0) this.calls.splice(oldest, 1);
  }
}
