import { z } from 'zod';

/** Discord allows 1 to 100 characters. */
const customId = z
  .string()
  .max(100)
  .regex(/^[a-z]+(:[a-z0-9.-]+)+$/);
const word = z.string().regex(/^[a-z]+$/);
const formParts = z.tuple([word, z.string().regex(/^[a-z0-9]{1,32}$/)]);
const raiseParts = z.tuple([z.enum(['yes', 'no']), z.string().regex(/^[a-z0-9]{1,32}$/)]);
/** Short enough for the rest of an id. */
const filters = z
  .string()
  .max(70)
  .regex(/^[a-z0-9-]{1,40}(\.[a-z0-9-]{1,40}){0,3}$/);
const writeFilters = (words: string[]) => words.join('.') || '-';
const readFilters = (text: string) => (text === '-' ? [] : text.split('.'));
const pageParts = z.tuple([word, z.string().regex(/^\d{1,6}$/), filters]);
const filterParts = z.tuple([word, z.string().regex(/^[0-3]$/), filters]);

/** The id of a button, a select menu or a form, taken apart. */
export interface CustomId {
  /** Leads to a handler. */
  prefix: string;
  /** What is left for that handler to read. */
  rest: string[];
}

/** A form that belongs to no flow yet: what was typed before is kept as a draft. */
export interface FormId {
  form: string;
  draft: string;
}

/** A button that turns the pages of a list. */
export interface PageButton {
  list: string;
  page: number;
  /** What the list is narrowed to: at most four words of the list's own. */
  filters: string[];
}

/** A menu that sets one of the filters of a list: the one at `index`. */
export interface FilterMenu {
  list: string;
  index: number;
  filters: string[];
}

/** A manager's answer to a request to raise a limit, which is kept under the flow that there was no room for. */
export interface RaiseButton {
  answer: 'yes' | 'no';
  flow: string;
}

/** Takes an id apart; undefined when it cannot be one of this bot's. */
export function readCustomId(text: string): CustomId | undefined {
  if (!customId.safeParse(text).success) return undefined;
  const [prefix = '', ...rest] = text.split(':');
  return { prefix, rest };
}

/** Writes `form:<form>:<draft id>`; throws on a part that would not be read back. */
export function writeFormId({ form, draft }: FormId): string {
  return customId.parse(['form', ...formParts.parse([form, draft])].join(':'));
}

/** Reads what follows `form:`; undefined when it is not that of a form. */
export function readFormId(rest: string[]): FormId | undefined {
  const parsed = formParts.safeParse(rest);
  if (!parsed.success) return undefined;
  const [form, draft] = parsed.data;
  return { form, draft };
}

/** Writes `<command>:<key>`, the id of something on a command's own card; throws as above. */
export const writeControlId = (command: string, ...key: string[]): string =>
  customId.parse([word.parse(command), ...key].join(':'));

/** Writes `page:<list>:<page>:<filters>`; throws as above. */
export function writePageId({ list, page, filters }: PageButton): string {
  return customId.parse(['page', ...pageParts.parse([list, `${page}`, writeFilters(filters)])].join(':'));
}

/** Reads what follows `page:`; undefined when it is not that of a page button. */
export function readPageId(rest: string[]): PageButton | undefined {
  const parsed = pageParts.safeParse(rest);
  if (!parsed.success) return undefined;
  const [list, page, filters] = parsed.data;
  return { list, page: Number(page), filters: readFilters(filters) };
}

/** Writes `filter:<list>:<index>:<filters>`; throws as above. */
export function writeFilterId({ list, index, filters }: FilterMenu): string {
  return customId.parse(['filter', ...filterParts.parse([list, `${index}`, writeFilters(filters)])].join(':'));
}

/** Whether a list can be narrowed to this at all. */
export const areFilters = (words: string[]): boolean => filters.safeParse(words.join('.')).success;

/** Reads what follows `filter:`; undefined when it is not that of a menu. */
export function readFilterId(rest: string[]): FilterMenu | undefined {
  const parsed = filterParts.safeParse(rest);
  if (!parsed.success) return undefined;
  const [list, index, filters] = parsed.data;
  return { list, index: Number(index), filters: readFilters(filters) };
}

/** Writes `raise:<answer>:<flow id>`; throws as above. */
export function writeRaiseId({ answer, flow }: RaiseButton): string {
  return customId.parse(['raise', ...raiseParts.parse([answer, flow])].join(':'));
}

/** Reads what follows `raise:`; undefined when it is not that of an answer. */
export function readRaiseId(rest: string[]): RaiseButton | undefined {
  const parsed = raiseParts.safeParse(rest);
  if (!parsed.success) return undefined;
  const [answer, flow] = parsed.data;
  return { answer, flow };
}
