import { z } from 'zod';
import { type Flow, flowSchema } from '../../src/flows/flow.ts';
import type { RecordChange } from './recordLog.ts';

/** Keyv keeps a value inside an object. */
const keptSchema = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('no JSON');
      return z.NEVER;
    }
  })
  .pipe(z.object({ value: z.unknown() }))
  .transform(({ value }) => value);
const flowInStore = keptSchema.pipe(flowSchema);

/** Keyv's name of the bot's records, which stands before each key. */
const namespace = /^kubeez:/;
/** First parts of keys whose other parts are no secret: ids of flows, jobs, servers and people. */
const openNames = ['flow', 'job', 'guild', 'person', 'catalogue', 'servers', 'account', 'raise'];

/** What is said of a flow where nothing but its next wake-up has changed. */
export const onlyTimes = 'also wait';

/** The flow that a record holds; undefined where it holds none. */
export function flowIn(key: string, text: string | null): Flow | undefined {
  if (text === null || !key.replace(namespace, '').startsWith('flow:')) return undefined;
  return flowInStore.safeParse(text).data;
}

/** A record's key as it may be shown: some keys are secrets themselves. */
export function shownKey(key: string): string {
  const [first = '', ...rest] = key.replace(namespace, '').split(':');
  return rest.length === 0 || openNames.includes(first) ? [first, ...rest].join(':') : `${first}:…`;
}

/** What changed in a record, in a few words. Of values only those are said that are known to hold no secret. */
export function changeText({ key, before, after }: RecordChange): string {
  if (after === null) return 'deleted';
  const flow = flowIn(key, after);
  if (flow) return flowText(flowIn(key, before), flow);
  const bytes = `${after.length.toLocaleString('en')} bytes`;
  return before === null ? `new, ${bytes}` : `changed, ${bytes}`;
}

function flowText(before: Flow | undefined, after: Flow): string {
  if (before === undefined) return `new · stage ${after.stage}`;
  const parts: string[] = [];
  const said = new Set<string>();
  const compare = (name: string, read: (flow: Flow) => string | null) => {
    const [one, other] = [read(before), read(after)];
    if (one === other) return;
    said.add(name.split('.')[0] ?? name);
    parts.push(one === null ? `${name} ${other}` : `${name} ${one} → ${other ?? 'none'}`);
  };
  compare('stage', ({ stage }) => stage);
  compare('money.quote', ({ money }) => creditsText(money.quote));
  compare('money.confirmed', ({ money }) => creditsText(money.confirmed));
  compare('runs', ({ runs }) => runsText(runs));
  compare('wait.answer', ({ wait }) => wait.answer);
  compare('money.charged', ({ money }) => (money.charged === null ? null : `${money.charged} credits`));
  compare('shown.notice', ({ shown }) => shown.notice);
  compare('shown.results', ({ shown: { results } }) => (results.length === 0 ? null : `${results.length}`));
  compare('upload.link', ({ upload: { session } }) => session && (session.sentBy ?? 'opened'));
  const others = Object.entries(after)
    .filter(([name, value]) => !said.has(name) && JSON.stringify(value) !== JSON.stringify(Object(before)[name]))
    .map(([name]) => name);
  return [...parts, ...(others.length > 0 ? [`also ${others.join(', ')}`] : [])].join(' · ');
}

const creditsText = (money: { credits: number } | null) => money && `${money.credits} credits`;

/** How the runs stand, such as “1 job running, 2 waiting”. */
function runsText(runs: Flow['runs']): string {
  const states = runs.map((run) => (run.state === 'job' ? `job ${run.job.status}` : run.state));
  return [...new Set(states)].map((state) => `${states.filter((one) => one === state).length} ${state}`).join(', ');
}
