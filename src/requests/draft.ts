import type { ChatInputCommandInteraction, ModalSubmitInteraction } from 'discord.js';
import { z } from 'zod';
import { type Input, inputSchema } from '../flows/asked.ts';
import { type RecipeName, recipeNames } from '../flows/recipes/index.ts';
import { t } from '../text/text.ts';
import { type Field, readFields } from './forms.ts';
import { type Given, givenOf, givenSchema } from './request.ts';

/** What somebody typed, unchecked: kept while they change it, so that nothing has to be typed or attached again. */
export const draftSchema = z.object({
  v: z.literal(1),
  /** Who typed it: a draft is of use to nobody else. */
  by: z.string(),
  recipe: z.enum(recipeNames),
  /** By the name of the command's option or the form's field. */
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  files: z.record(z.string(), givenSchema),
  /** A result to go on from. */
  input: inputSchema.nullable(),
  parent: z.string().nullable(),
  /** What is done with the parent: it is asked for again in other words, or several times. */
  step: z.enum(['prompt', 'vary']).nullable(),
  /** What was wrong, by the same names. */
  about: z.string().nullable(),
});

export type Draft = z.infer<typeof draftSchema>;

interface Typed {
  values?: Draft['values'];
  files?: Record<string, Given>;
  input?: Input;
  parent?: string | null;
  step?: Draft['step'];
}

/** A draft of what was typed into something other than a command. */
export const newDraft = (
  by: string,
  recipe: RecipeName,
  { values = {}, files = {}, input, parent = null, step = null }: Typed,
): Draft => ({ v: 1, by, recipe, values, files, input: input ?? null, parent, step, about: null });

/** Everything that was typed into a command, and the files given with it. */
export function draftOf({ user, options }: ChatInputCommandInteraction, recipe: RecipeName): Draft {
  const values: Draft['values'] = {};
  const files: Draft['files'] = {};
  for (const { name, value, attachment } of options.data) {
    if (attachment) files[name] = givenOf(attachment);
    else if (value !== undefined) values[name] = value;
  }
  return newDraft(user.id, recipe, { values, files });
}

/** The draft with what its form says now; a line that was emptied counts as left out. */
export function withForm(draft: Draft, interaction: ModalSubmitInteraction): Draft {
  const written = readFields(interaction);
  const kept = Object.entries(draft.values).filter(([name]) => !Object.hasOwn(written, name));
  const filled = Object.entries(written).filter(([, value]) => value !== '');
  // A file that was refused is asked for by an upload link.
  const files = draft.about === 'file' ? {} : draft.files;
  return { ...draft, files, values: Object.fromEntries([...kept, ...filled]), about: null };
}

/** A value as a text; null where there is none. */
export function textOf({ values }: Draft, name: string): string | null {
  const value = values[name];
  return value === undefined ? null : String(value);
}

/** A value as a number, which may be NaN: a form takes any text. */
export function numberOf(draft: Draft, name: string): number | null {
  const text = textOf(draft, name);
  return text === null ? null : Number(text);
}

/** A value as yes or no; null where there is none. */
export function flagOf(draft: Draft, name: string): boolean | null {
  const text = textOf(draft, name);
  return text === null ? null : text === 'true';
}

/** Options that may have a form field of their own. */
export const optionLines = [
  'aspect',
  'duration',
  'resolution',
  'quality',
  'sound',
  'negative',
  'seed',
  'language',
  'languages',
  'music',
  'seconds',
  'variants',
  'voice',
] as const;

/** The form field for one of the command's options, filled with what was typed. */
export const optionField = (draft: Draft, id: (typeof optionLines)[number], description?: string): Field => ({
  kind: 'text',
  id,
  label: t(`field.${id}`),
  ...(description === undefined ? {} : { description }),
  value: textOf(draft, id) ?? '',
  required: false,
});
