import { ComponentType as Kind } from 'discord.js';
import { z } from 'zod';
import type { Issue } from './errors.ts';

/** What the documentation says of components beyond the schemas (docs: components/reference). */

const looseSchema = z.looseObject({ type: z.number() });
type Component = z.infer<typeof looseSchema>;

const selects: number[] = [
  Kind.StringSelect,
  Kind.UserSelect,
  Kind.RoleSelect,
  Kind.MentionableSelect,
  Kind.ChannelSelect,
];
const linkStyle = 5;
const premiumStyle = 6;

const issue = (path: string, code: string, message: string): Issue => ({ path, code, message });
const required = (path: string) => issue(path, 'BASE_TYPE_REQUIRED', 'This field is required');
const badLength = (path: string, from: number, to: number) =>
  issue(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${from} and ${to} in length.`);

/** A text as Discord keeps it: without white space around it. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

function componentsOf(value: unknown): Component[] {
  return Array.isArray(value) ? value.map((one) => looseSchema.parse(one)) : [];
}

/** The rows of a message, or, with Components V2, whatever it is made of. */
export function componentIssues(value: unknown, isV2: boolean): Issue[] {
  const components = componentsOf(value);
  const limit = isV2 ? 40 : 5;
  const tooMany = components.length > limit ? [badLength('components', 1, limit)] : [];
  const strangers = isV2 ? [] : components.flatMap((one, index) => notARow(one, `components.${index}`));
  const inner = components.flatMap((one, index) => anyIssues(one, `components.${index}`));
  return [...tooMany, ...strangers, ...inner, ...repeated(components)];
}

const notARow = ({ type }: Component, path: string): Issue[] =>
  type === Kind.ActionRow ? [] : [issue(`${path}.type`, 'BASE_TYPE_CHOICES', 'Value must be one of {1}.')];

function anyIssues(component: Component, path: string): Issue[] {
  if (component.type === Kind.ActionRow) return rowIssues(component, path);
  if (component.type === Kind.Button) return buttonIssues(component, path);
  if (selects.includes(component.type)) return selectIssues(component, path);
  const inner = componentsOf(component.components).flatMap((one, at) => anyIssues(one, `${path}.components.${at}`));
  const [accessory] = component.accessory === undefined ? [] : componentsOf([component.accessory]);
  return [...inner, ...(accessory ? anyIssues(accessory, `${path}.accessory`) : [])];
}

/** Up to five buttons, or one select: a select fills its row. */
function rowIssues(row: Component, path: string): Issue[] {
  const inner = componentsOf(row.components);
  const hasSelect = inner.some(({ type }) => selects.includes(type));
  const foreign = inner.flatMap(({ type }, index) =>
    type === Kind.Button || selects.includes(type)
      ? []
      : [issue(`${path}.components.${index}.type`, 'BASE_TYPE_CHOICES', 'Value must be one of {2, 3, 5, 6, 7, 8}.')],
  );
  return [
    ...(inner.length < 1 || inner.length > 5 ? [badLength(`${path}.components`, 1, 5)] : []),
    ...(hasSelect && inner.length > 1
      ? [issue(path, 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'The specified component exceeds the maximum width of its row')]
      : []),
    ...foreign,
    ...inner.flatMap((one, index) => anyIssues(one, `${path}.components.${index}`)),
  ];
}

function buttonIssues(button: Component, path: string): Issue[] {
  const { style, custom_id, url, sku_id } = button;
  const isLink = style === linkStyle;
  const isPremium = style === premiumStyle;
  const hasFace = textOf(button.label) !== '' || Boolean(button.emoji);
  const hasId = custom_id !== undefined && custom_id !== null;
  return [
    ...(!hasFace && !isPremium
      ? [issue(`${path}.label`, 'BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED', 'A button needs a label or an emoji')]
      : []),
    ...(textOf(button.label).length > 80 ? [badLength(`${path}.label`, 1, 80)] : []),
    ...(!isLink && !isPremium && textOf(custom_id) === ''
      ? [issue(path, 'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED', 'A custom id required')]
      : []),
    ...(hasId && (isLink || isPremium || url)
      ? [issue(path, 'BUTTON_COMPONENT_INVALID_CUSTOM_ID_WITH_URL', 'A custom id and url cannot both be specified')]
      : []),
    ...(isPremium && !sku_id ? [required(`${path}.sku_id`)] : []),
    ...(isLink ? addressIssues(url, `${path}.url`, ['http:', 'https:', 'discord:'], 512) : []),
    ...(!isLink && url && !hasId ? [issue(`${path}.url`, 'BASE_TYPE_UNEXPECTED', 'Only link buttons have a url')] : []),
  ];
}

/** An address that is missing, not well formed, of another kind than `schemes`, or too long. */
export function addressIssues(value: unknown, path: string, schemes: string[], limit = 2048): Issue[] {
  if (typeof value !== 'string' || value === '') return [required(path)];
  if (value.length > limit) return [badLength(path, 1, limit)];
  if (!URL.canParse(value)) return [issue(path, 'URL_TYPE_INVALID_URL', 'Not a well formed URL.')];
  const { protocol } = new URL(value);
  if (schemes.includes(protocol)) return [];
  const names = schemes.map((scheme) => `'${scheme.slice(0, -1)}'`).join(', ');
  const message = `Scheme "${protocol.slice(0, -1)}" is not supported. Scheme must be one of (${names}).`;
  return [issue(path, 'URL_TYPE_INVALID_SCHEME', message)];
}

const optionSchema = z.looseObject({ label: z.unknown(), value: z.unknown(), default: z.boolean().nullish() });

function selectIssues(select: Component, path: string): Issue[] {
  const issues = textOf(select.custom_id) === '' ? [required(`${path}.custom_id`)] : [];
  if (select.type !== Kind.StringSelect) return issues;
  const options = z.array(optionSchema).catch([]).parse(select.options);
  const values = options.map(({ value }) => value);
  const most = typeof select.max_values === 'number' ? select.max_values : 1;
  const least = typeof select.min_values === 'number' ? select.min_values : 1;
  return [
    ...issues,
    ...(options.length < 1 || options.length > 25 ? [badLength(`${path}.options`, 1, 25)] : []),
    ...options.flatMap((option, index) => optionIssues(option, `${path}.options.${index}`)),
    ...(new Set(values).size === values.length
      ? []
      : [
          issue(
            `${path}.options`,
            'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
            'The specified option value is already used',
          ),
        ]),
    ...(most > options.length || least > most
      ? [issue(`${path}.max_values`, 'SELECT_COMPONENT_INVALID_MAX_VALUES', 'There are not that many options')]
      : []),
    ...(options.filter((option) => option.default).length > most
      ? [issue(`${path}.options`, 'SELECT_COMPONENT_TOO_MANY_DEFAULTS', 'There are more defaults than max_values')]
      : []),
  ];
}

function optionIssues(option: Record<string, unknown>, path: string): Issue[] {
  return ['label', 'value'].flatMap((name) => {
    const { length } = textOf(option[name]);
    return length < 1 || length > 100 ? [badLength(`${path}.${name}`, 1, 100)] : [];
  });
}

function repeated(components: Component[]): Issue[] {
  const ids = customIds(components);
  const isRepeated = new Set(ids).size !== ids.length;
  return isRepeated
    ? [issue('components', 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated')]
    : [];
}

function customIds(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(customIds);
  if (typeof value !== 'object' || value === null) return [];
  const own = 'custom_id' in value && typeof value.custom_id === 'string' ? [value.custom_id] : [];
  const inner = ['components', 'component', 'accessory'].flatMap((name) => customIds(Reflect.get(value, name)));
  return [...own, ...inner];
}

const modalSchema = z.looseObject({ title: z.unknown(), custom_id: z.unknown(), components: z.unknown() });

/** A form: a title, one to five fields, each with a label and something to fill in. */
export function modalIssues(value: unknown): Issue[] {
  const modal = modalSchema.parse(value);
  const fields = componentsOf(modal.components);
  const { length } = textOf(modal.title);
  return [
    ...(length < 1 || length > 45 ? [badLength('title', 1, 45)] : []),
    ...(textOf(modal.custom_id) === '' ? [required('custom_id')] : []),
    ...(fields.length < 1 || fields.length > 5 ? [badLength('components', 1, 5)] : []),
    ...fields.flatMap((field, index) => fieldIssues(field, `components.${index}`)),
    ...repeated(fields),
  ];
}

function fieldIssues(field: Component, path: string): Issue[] {
  if (field.type === Kind.TextDisplay) return [];
  if (field.type === Kind.ActionRow)
    return componentsOf(field.components).flatMap((one, index) => inputIssues(one, `${path}.components.${index}`));
  if (field.type !== Kind.Label)
    return [issue(`${path}.type`, 'BASE_TYPE_CHOICES', 'Value must be one of {1, 10, 18}.')];
  const label = textOf(field.label).length;
  const [inner] = field.component === undefined ? [] : componentsOf([field.component]);
  return [
    ...(label < 1 || label > 45 ? [badLength(`${path}.label`, 1, 45)] : []),
    ...(textOf(field.description).length > 100 ? [badLength(`${path}.description`, 1, 100)] : []),
    ...(inner ? inputIssues(inner, `${path}.component`) : [required(`${path}.component`)]),
  ];
}

function inputIssues(input: Component, path: string): Issue[] {
  if (selects.includes(input.type)) return selectIssues(input, path);
  if (input.type === Kind.Button)
    return [issue(`${path}.type`, 'BASE_TYPE_CHOICES', 'A form has no buttons of its own')];
  const most = typeof input.max_length === 'number' ? input.max_length : 4000;
  const least = typeof input.min_length === 'number' ? input.min_length : 0;
  return [
    ...(textOf(input.custom_id) === '' ? [required(`${path}.custom_id`)] : []),
    ...(least > most ? [issue(`${path}.min_length`, 'BASE_TYPE_MAX', 'min_length is over max_length')] : []),
    ...(textOf(input.value).length > most ? [badLength(`${path}.value`, least, most)] : []),
    ...(textOf(input.placeholder).length > 100 ? [badLength(`${path}.placeholder`, 1, 100)] : []),
  ];
}
