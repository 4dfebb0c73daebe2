import { z } from 'zod';

/** A record as any version wrote it, as far as it matters for telling which. */
type OldRecord = Record<string, unknown>;

const anyRecord = z.record(z.string(), z.unknown());

/**
 * Brings a stored flow to today's form. What is no record at all is given back as it is: the schema refuses it.
 * Every older form has an example in test/unit/oldRecords.test.ts.
 */
export function migrate(stored: unknown): unknown {
  const record = anyRecord.safeParse(stored);
  return record.success ? withUnclear(withBegun(withNeeds(record.data))) : stored;
}

const oneNeed = z.looseObject({
  inputKinds: z.array(z.unknown()),
  inputsMin: z.number(),
  inputsMax: z.number(),
});

/** A model had one need before it could have several. */
function withNeeds(record: OldRecord): OldRecord {
  const old = oneNeed.safeParse(record.model);
  if (!old.success) return record;
  const { inputKinds, inputsMin, inputsMax, ...model } = old.data;
  const needs = inputsMax > 0 ? [{ kinds: inputKinds, min: inputsMin, max: inputsMax }] : [];
  return { ...record, model: { ...model, needs } };
}

const uncounted = z.object({
  stage: z.string(),
  jobs: z.array(z.unknown()),
  missing: z.number().default(0),
});

/** Before paid calls were counted, what had come of them told how many there were. */
function withBegun(record: OldRecord): OldRecord {
  const old = uncounted.safeParse(record);
  if (!old.success || record.begun !== undefined) return record;
  const { stage, jobs, missing } = old.data;
  return { ...record, begun: jobs.length + missing + (stage === 'submitting' ? 1 : 0) };
}

/** The stage in which nobody knows whether something was paid was called `unknown`. */
const withUnclear = (record: OldRecord): OldRecord =>
  record.stage === 'unknown' ? { ...record, stage: 'unclear' } : record;
