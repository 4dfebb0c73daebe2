import { z } from 'zod';
import { isObject } from './json.ts';

/** Names of fields that hold job ids, whatever their capitals and underscores; the clearest first. */
const listNames = ['generationids', 'separationids', 'jobids', 'generations', 'jobs'];
const sureNames = ['generationid', 'separationid'];
/** These may mean something else: beside the word of an error they are not taken for a job. */
const otherNames = ['jobid', 'id', 'taskid'];

const idSchema = z.union([z.string().trim().min(1).max(200), z.number().transform(String)]);

/** The ids of the jobs that an answer names, and whether they can mean nothing else; empty when it names none. */
export function jobIdsIn(answer: object): { ids: string[]; isSure: boolean } {
  const fields = new Map(
    Object.entries(answer).map(([name, value]) => [name.toLowerCase().replace(/[_-]/g, ''), value]),
  );
  const listed = listNames.map((name) => idsIn(fields.get(name))).find((ids) => ids.length > 0);
  if (listed) return { ids: listed, isSure: true };
  const [sure] = sureNames.flatMap((name) => singleId(fields.get(name)));
  if (sure !== undefined) return { ids: [sure], isSure: true };
  const other = isError(fields) ? [] : otherNames.flatMap((name) => singleId(fields.get(name)));
  return { ids: other.slice(0, 1), isSure: false };
}

/** The ids that words name, such as “Started, generation_id: 7f3a…”; none where they may be those of an error. */
export function jobIdsInWords(text: string): string[] {
  if (/error|fail|refus|reject|denied|invalid|insufficient|flagged|limit|too many|\bnot\b/i.test(text)) return [];
  const named = [...text.matchAll(/\b(?:generation|separation|job)[ _-]?ids?\b\W{0,8}([\w-]{6,200})/gi)].map(
    ([, id]) => id ?? '',
  );
  const ids = named.length > 0 ? named : (text.match(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gi) ?? []);
  const distinct = [...new Set(ids)];
  // Without a name, several may be anything.
  return named.length > 0 || distinct.length === 1 ? distinct : [];
}

const singleId = (value: unknown): string[] => {
  const id = idSchema.safeParse(value);
  return id.success ? [id.data] : [];
};

/** Ids in a list, or in place of one; its entries may be objects. */
const idsIn = (value: unknown): string[] => [
  ...new Set([value].flat().flatMap((entry) => (isObject(entry) ? jobIdsIn(entry).ids : singleId(entry)))),
];

const isError = (fields: ReadonlyMap<string, unknown>) =>
  Boolean(fields.get('error')) || fields.get('success') === false || fields.get('ok') === false;
