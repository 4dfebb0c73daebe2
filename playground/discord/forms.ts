import { ComponentType } from 'discord.js';
import { z } from 'zod';
import type { Form } from './interactions.ts';

const inputSchema = z.looseObject({
  type: z.literal(ComponentType.TextInput),
  custom_id: z.string(),
  style: z.number().default(1),
  value: z.string().default(''),
  required: z.boolean().default(true),
  min_length: z.number().default(0),
  max_length: z.number().default(4000),
  placeholder: z.string().default(''),
});

const selectSchema = z.looseObject({
  type: z.literal(ComponentType.StringSelect),
  custom_id: z.string(),
  required: z.boolean().default(true),
  options: z.array(z.object({ label: z.string(), value: z.string(), default: z.boolean().default(false) })),
});

const labelSchema = z.looseObject({
  type: z.literal(ComponentType.Label),
  label: z.string(),
  description: z.string().default(''),
  component: z.union([inputSchema, selectSchema]),
});

/** A line of a form as somebody sees it. */
export interface Line {
  id: string;
  label: string;
  description: string;
  value: string;
  isLong: boolean;
  isRequired: boolean;
  shortest: number;
  longest: number;
  /** What there is to pick from; undefined where one writes. */
  choices?: { label: string; value: string }[];
}

/** The lines of a form, with what stands in them at first. */
export function linesOf(form: Form): Line[] {
  return form.components.map((component) => {
    const { label, description, component: inner } = labelSchema.parse(component);
    const line = { id: inner.custom_id, label, description, isRequired: inner.required };
    if (inner.type === ComponentType.TextInput) {
      const { value, style, min_length, max_length } = inner;
      return { ...line, value, isLong: style === 2, shortest: min_length, longest: max_length };
    }
    const usual = inner.options.find((option) => option.default)?.value ?? '';
    return { ...line, value: usual, isLong: false, shortest: 0, longest: 100, choices: inner.options };
  });
}

/** A form filled in, as Discord sends it. Throws what its app would not send: a line left empty, or too long a text. */
export function filledIn(form: Form, values: Record<string, string>): object[] {
  const lines = linesOf(form);
  for (const name of Object.keys(values))
    if (!lines.some(({ id }) => id === name)) throw new Error(`The form has no line “${name}”`);
  return lines.map((line, index) => {
    const value = values[line.id] ?? line.value;
    if (value === '' && line.isRequired) throw new Error(`${line.label}: this line is required`);
    if (value.length > line.longest) throw new Error(`${line.label}: too long`);
    if (value !== '' && value.length < line.shortest) throw new Error(`${line.label}: too short`);
    if (line.choices && value !== '' && !line.choices.some((choice) => choice.value === value))
      throw new Error(`${line.label}: “${value}” cannot be picked`);
    const base = { id: index + 100, custom_id: line.id };
    const component = line.choices
      ? { ...base, type: ComponentType.StringSelect, values: value === '' ? [] : [value] }
      : { ...base, type: ComponentType.TextInput, value };
    return { type: ComponentType.Label, id: index + 1, component };
  });
}
