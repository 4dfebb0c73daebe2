// Made from en.json by `npm run texts`; do not edit.

/** What every sentence is filled with. */
export interface Texts {
  'button.confirm': { credits: number };
  'button.cancel': undefined;
}

export type TextKey = keyof Texts;
