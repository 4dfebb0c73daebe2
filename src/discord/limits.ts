/** Discord's limits, in characters, files and bytes. Source: docs.discord.com, resources/message and components/reference. */
export const limits = {
  choices: 25,
  choiceName: 100,
  choiceValue: 100,
  embedDescription: 4096,
  embedTitle: 256,
  altText: 1024,
  buttonLabel: 80,
  formTitle: 45,
  fieldLabel: 45,
  fieldDescription: 100,
  textInput: 4000,
  placeholder: 100,
  files: 10,
  /** A file, where no interaction told a larger limit. */
  file: 10 * 1024 * 1024,
  /** All files of one request together. */
  request: 25 * 1024 * 1024,
} as const;

/** Shortens a text to `length` characters, never through the middle of a character outside the basic plane. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Makes a text of somebody's show as typed, on one line: no formatting, no mention. */
export function plain(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replace(/[\\*_~`|[\]()<@]|^[#>-]/g, '\\$&');
}
