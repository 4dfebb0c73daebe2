import { codeOf } from './codes.ts';

/** Discord's limits, in characters, files, bytes and milliseconds. Source: docs.discord.com, resources/message and components/reference. */
export const limits = {
  content: 2000,
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
  /** Milliseconds an interaction can be answered (docs: interactions/receiving-and-responding). */
  tokenLife: 15 * 60_000,
} as const;

/** What Discord takes, by the key of a sentence or by its group; everything else stands in a message. */
const limitsOfTexts: Record<string, number> = {
  'card.title': limits.embedTitle,
  'list.jobs': limits.embedTitle,
  'list.models': limits.embedTitle,
  'list.madeHere': limits.embedTitle,
  'list.madeInServer': limits.embedTitle,
  alt: limits.altText,
  button: limits.buttonLabel,
  command: limits.choiceName,
  option: limits.choiceName,
  choice: limits.choiceName,
  menu: 32,
  form: limits.formTitle,
  field: limits.fieldLabel,
  hint: limits.fieldDescription,
  placeholder: limits.placeholder,
};

/** Characters that a sentence may have where it stands, beside the code at its end. */
export function limitOf(key: string): number {
  if (key.startsWith('recipe.') && key.endsWith('.title')) return limits.formTitle;
  const room = limitsOfTexts[key] ?? limitsOfTexts[key.split('.')[0] ?? ''] ?? limits.content;
  const code = codeOf(key);
  return code === undefined ? room : room - ` (${code})`.length;
}
