import { z } from 'zod';
import type { StoredRecord } from '../state/everyRecord.ts';
import { withoutSecrets } from './withoutSecrets.ts';

/** The form of an export: JSON Lines. The first line says what it is, the last how many records there were. */

const format = 'kubeez-discord records';

/** Everything that Keyv keeps of a record: the record itself, and when it lapses. */
const storedSchema = z.looseObject({ value: z.unknown(), expires: z.number().nullish() });

const lineSchema = z.union([
  z.object({ export: z.literal(format), v: z.number() }),
  z.object({ key: z.string().min(1), stored: storedSchema }),
  z.object({ end: z.literal(true), records: z.number() }),
]);
type Line = z.infer<typeof lineSchema>;

/** The newest form that this bot reads, and the one that it writes. */
export const formatVersion = 1;

export const firstLine = () => write({ export: format, v: formatVersion });
export const lastLine = (records: number) => write({ end: true, records });

/** A record as a line, without secrets. */
export const lineOf = ({ key, text }: StoredRecord) => {
  const stored = storedIn(text) ?? { value: { unreadable: text } };
  return write({ key, stored: { ...stored, value: withoutSecrets(stored.value) } });
};

/** A line of an export; undefined when it is none. */
export function readLine(text: string): Line | undefined {
  try {
    const line = lineSchema.safeParse(JSON.parse(text));
    return line.success ? line.data : undefined;
  } catch {
    return undefined;
  }
}

/** What a text of the store holds; undefined where it is no record. */
export function storedIn(text: string): z.infer<typeof storedSchema> | undefined {
  try {
    const stored = storedSchema.safeParse(JSON.parse(text));
    return stored.success && 'value' in stored.data ? stored.data : undefined;
  } catch {
    return undefined;
  }
}

const write = (line: Line) => `${JSON.stringify(line)}\n`;
