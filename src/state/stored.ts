import { z } from 'zod';

/** Everything that Keyv keeps of a record: the record itself, and when it lapses. */
export const storedSchema = z.looseObject({ value: z.unknown(), expires: z.number().nullish() });

/** What a text of the store holds; undefined where it is no record. */
export function storedIn(text: string): z.infer<typeof storedSchema> | undefined {
  try {
    const stored = storedSchema.safeParse(JSON.parse(text));
    return stored.success && 'value' in stored.data ? stored.data : undefined;
  } catch {
    return undefined;
  }
}
