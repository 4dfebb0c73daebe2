import { z } from 'zod';
import type { StoredRecord } from '../state/everyRecord.ts';
import { storedIn, storedSchema } from '../state/stored.ts';
import { withoutSecrets } from './withoutSecrets.ts';

/** The form of an export: JSON Lines. The first line says what it is, the last how many records there were. */

const format = 'kubeez-discord records';

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

const write = (line: Line) => `${JSON.stringify(line)}\n`;
