import {
  type APIModalInteractionResponseCallbackData,
  ComponentType,
  type ModalSubmitInteraction,
  TextInputStyle,
} from 'discord.js';
import { fitChoices } from '../discord/choices.ts';
import { cut, prefix, splitAt } from '../text/cut.ts';
import { limits } from '../text/limits.ts';
import { t } from '../text/text.ts';

/** A field of a form: a text input or a select menu. */
export type Field = { id: string; label: string; description?: string } & (
  | { kind: 'text'; value?: string; most?: number; required?: boolean; isLong?: boolean; placeholder?: string }
  | { kind: 'pick'; choices: Choice[] }
);

export interface Choice {
  label: string;
  value: string;
  description?: string;
  /** Result until somebody picks another. */
  isUsual?: boolean;
}

type Component = APIModalInteractionResponseCallbackData['components'][number];

/** A form as Discord takes it: at most five lines (docs: components/reference, Label). */
export function form(customId: string, title: string, fields: Field[]): APIModalInteractionResponseCallbackData {
  return {
    custom_id: customId,
    title: cut(title, limits.formTitle),
    components: fields.map(
      (field): Component => ({
        type: ComponentType.Label,
        label: cut(field.label, limits.fieldLabel),
        ...(field.description === undefined ? {} : { description: cut(field.description, limits.fieldDescription) }),
        component: field.kind === 'text' ? textInput(field) : picker(field),
      }),
    ),
  };
}

function textInput(field: Extract<Field, { kind: 'text' }>) {
  const { id, value = '', most = limits.textInput, required = true, isLong = false, placeholder } = field;
  const longest = Math.min(most, limits.textInput);
  return {
    type: ComponentType.TextInput as const,
    custom_id: id,
    style: isLong ? TextInputStyle.Paragraph : TextInputStyle.Short,
    required,
    max_length: longest,
    ...(value === '' ? {} : { value: prefix(value, longest) }),
    ...(placeholder === undefined ? {} : { placeholder: cut(placeholder, limits.placeholder) }),
  };
}

function picker({ id, choices }: Extract<Field, { kind: 'pick' }>) {
  const fitting = fitChoices(choices.map(({ label, ...choice }) => ({ name: label, ...choice })));
  return {
    type: ComponentType.StringSelect as const,
    custom_id: id,
    required: true,
    options: fitting.map(({ name, value, description, isUsual = false }) => ({
      label: name,
      value,
      default: isUsual,
      ...(description === undefined ? {} : { description: cut(description, limits.choiceName) }),
    })),
  };
}

/** What was written into a field; empty where the form has no field of this name. */
export function written(interaction: ModalSubmitInteraction, id: string): string {
  const field = interaction.fields.fields.get(id);
  return field?.type === ComponentType.TextInput ? field.value.trim() : '';
}

/** What was picked in a field; undefined where the form has no field of this name. */
export function picked(interaction: ModalSubmitInteraction, id: string): string | undefined {
  const field = interaction.fields.fields.get(id);
  return field?.type === ComponentType.StringSelect ? field.values[0] : undefined;
}

/** A text in two fields was cut at most this many characters before the limit of the first. */
const nearLimit = 100;

/**
 * The lines for a long text: a form's field takes 4,000 characters (docs: components/reference), so a longer text has
 * two, cut where no space can be lost between them.
 */
export function longText(
  field: { id: string; label: string; description?: string; placeholder?: string },
  text: string,
) {
  const [beginning, end] = splitAt(text, text.length > limits.textInput ? cutAt(text) : limits.textInput);
  const first: Field = { ...field, kind: 'text', value: beginning, isLong: true };
  if (end === '') return [first];
  const rest = { id: 'more', label: t('field.continued'), description: t('hint.continued'), value: end };
  const second: Field = { ...rest, kind: 'text', required: false, isLong: true };
  return [first, second];
}

function cutAt(text: string): number {
  for (let at = limits.textInput; at > limits.textInput - nearLimit; at--)
    if (/[^\s\p{Cs}]/u.test(text.charAt(at - 1)) && /[^\s\p{Cs}]/u.test(text.charAt(at))) return at;
  return limits.textInput;
}

/** Puts a text together that was written into one field or two. */
function joined(first: string, more: string): string {
  if (more === '') return first;
  return first.length > limits.textInput - nearLimit ? first + more : `${first}\n${more}`;
}

/** Everything a form says, by field; a text that goes on in a second field is one. */
export function readFields(interaction: ModalSubmitInteraction): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [id, field] of interaction.fields.fields) {
    if (field.type === ComponentType.TextInput) fields[id] = field.value.trim();
    if (field.type === ComponentType.StringSelect && field.values[0] !== undefined) fields[id] = field.values[0];
  }
  const { more, ...rest } = fields;
  const long = ['prompt', 'text'].find((id) => rest[id] !== undefined);
  return long === undefined || more === undefined ? fields : { ...rest, [long]: joined(rest[long] ?? '', more) };
}
