import table from './codes.json' with { type: 'json' };

const codes = new Map(Object.entries(table.codes).flatMap(([code, keys]) => keys.map((key) => [key, code] as const)));

/** The code that stands after a sentence which says that something did not work, such as `KD-204`; docs/errors.md has them all. */
export const codeOf = (key: string): string | undefined => codes.get(key);
