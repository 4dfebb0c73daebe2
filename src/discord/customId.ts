import { z } from 'zod';

const formId = z.string().regex(/^form:[a-z]+:[a-z0-9]{1,32}$/);
const pageId = z.string().regex(/^page:[a-z]+:\d{1,6}:[a-z0-9-]{1,40}(\.[a-z0-9-]{1,40}){0,3}$/);

/** A form that belongs to no flow yet: what it rests on is kept as a draft. */
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

/** Writes `form:<form>:<draft id>`; throws on a part that would not be read back. Discord allows 1 to 100 characters. */
export function writeFormId({ form, draft }: FormId): string {
  return formId.parse(`form:${form}:${draft}`);
}

/** Reads a form's id; undefined when it is not one. */
export function readFormId(text: string): FormId | undefined {
  if (!formId.safeParse(text).success) return undefined;
  const [, form = '', draft = ''] = text.split(':');
  return { form, draft };
}

/** Writes `page:<list>:<page>:<filters>`; throws as above. */
export function writePageId({ list, page, filters }: PageButton): string {
  return pageId.parse(`page:${list}:${page}:${filters.join('.') || '-'}`);
}

/** Reads a page button's id; undefined when it is not one. */
export function readPageId(text: string): PageButton | undefined {
  if (!pageId.safeParse(text).success) return undefined;
  const [, list = '', page = '0', filters = '-'] = text.split(':');
  return { list, page: Number(page), filters: filters === '-' ? [] : filters.split('.') };
}
