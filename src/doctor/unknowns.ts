import { z } from 'zod';
import { historySchema, modelsSchema, totalNames } from '../kubeez/answers.ts';
import { capabilities } from '../kubeez/tools.ts';
import type { Said, ServerLook } from './serverLook.ts';

/**
 * What Kubeez does not publish, and how this server has it; docs/unknowns.md says of each what the bot does either way. In
 * English whatever is spoken: these lines are for sharing.
 */

/** One of them, as this server has it. */
export interface Answer {
  name: UnknownName;
  says: string;
}

/** Each with what is said where it was not asked. */
const unasked = {
  server: 'the server could not be reached',
  session: 'the server could not be reached',
  tools: 'the server could not be reached',
  changes: 'the server could not be reached',
  answers: 'nothing was answered',
  total: 'no tool for prices',
  priceDetails: 'no tool for prices',
  refusals: 'no tool that could refuse',
  history: 'no tool for the history',
  charge: 'no tool for the history',
  refunds: 'no tool for the history',
  kinds: 'no catalogue',
  sizes: 'no catalogue',
  topUp: 'no tool for the balance',
  directUpload: 'no tool for uploads',
  measured: 'not asked: only an upload tells',
  captions: 'not asked: only a paid job tells',
  busy: 'not asked: only a full minute tells',
  lifetimes: 'not asked: only time tells',
} as const;

export type UnknownName = keyof typeof unasked;
const isName = (name: string): name is UnknownName => name in unasked;
export const unknownNames: UnknownName[] = Object.keys(unasked).filter(isName);

/** Finds out what reads alone can tell. Throws KubeezError where the server cannot be reached. */
export async function askServer(look: ServerLook): Promise<Answer[]> {
  await look.open();
  const models = await look.ask('models', {});
  const balance = await look.ask('balance', {});
  const [priced] = rowsIn(models).filter(({ model_type }) => model_type === 'video');
  const model = (priced ?? rowsIn(models)[0])?.model_id;
  const estimate = model === undefined ? undefined : await look.ask('estimate', { model, prompt: 'a test' });
  const history = await look.ask('history', {});
  const refusal = await look.ask('mediaStatus', { id: unheardOf, kind: 'media' }, 'refusal');
  const found: Partial<Record<UnknownName, string | undefined>> = {
    ...aboutServer(look),
    ...ofEstimate(estimate),
    ...ofHistory(history),
    ...ofModels(models),
    answers: formsOf([models, balance, estimate, history]),
    refusals: ofRefusal(refusal),
    topUp: ofBalance(balance),
  };
  return unknownNames.map((name) => ({ name, says: found[name] ?? unasked[name] }));
}

/** An id that no job has. */
const unheardOf = '00000000-0000-4000-8000-000000000000';

type Heard = Said | string | undefined;

/** A word of the platform, as far as it can be nothing else: no id, no address, no word of a person. */
const asWord = (value: unknown): string =>
  typeof value === 'string' && /^(?!.*\d{4})[A-Za-z][\w .-]{0,39}$/.test(value) ? value : '…';

const failed = (heard: Heard): string | undefined =>
  typeof heard === 'string' ? `not answered (${heard})` : undefined;

const fieldsOf = (value: unknown): Record<string, unknown> => {
  const read = z.record(z.string(), z.unknown()).safeParse(value);
  return read.success ? read.data : {};
};

const counted = (count: number, one: string, other = `${one}s`) => `${count} ${count === 1 ? one : other}`;

function aboutServer(look: ServerLook): Partial<Record<UnknownName, string>> {
  const { about } = look;
  if (!about) return {};
  const names = about.tools.map(asWord);
  const unused = capabilities.filter((capability) => !look.offers(capability));
  return {
    server: `${about.name ? `${asWord(about.name)}, version ${asWord(`v${about.version}`).replace(/^v/, '')}` : 'no name'}, protocol ${about.protocol}`,
    session: about.hasSession ? 'each connection gets a session' : 'there are no sessions',
    tools: `${names.length}: ${names.join(', ')}${unused.length > 0 ? `; none for ${unused.join(', ')}` : ''}`,
    changes: about.tellsOfTools ? 'it tells when its tools change' : 'it does not tell when its tools change',
    ...(look.offers('uploadUrl') ? { directUpload: ofUpload(about.speaksOfDirectUpload) } : {}),
  };
}

const ofUpload = (isNamed: boolean) =>
  isNamed
    ? 'named in the description of its tool'
    : 'not named in the description of its tool; not asked, because that opens an upload';

function ofEstimate(heard: Heard): Partial<Record<UnknownName, string>> {
  const trouble = failed(heard) ?? refusedAs(heard);
  if (trouble !== undefined) return { total: trouble, priceDetails: trouble };
  if (typeof heard !== 'object') return {};
  const fields = fieldsOf(heard.answer);
  const isNumber = (value: unknown) =>
    typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value));
  const total = totalNames.find((name) => isNumber(fields[name]));
  const numbers = Object.keys(fields).filter((name) => isNumber(fields[name]));
  const others = Object.keys(fields)
    .filter((name) => name !== total)
    .map(asWord);
  return {
    total:
      total !== undefined
        ? `called ${total}`
        : `under none of the names the bot looks for (${totalNames.join(', ')}); numbers are in ${anyOf(numbers.map(asWord))}`,
    priceDetails: `beside the total it has ${anyOf(others)}`,
  };
}

function ofHistory(heard: Heard): Partial<Record<UnknownName, string>> {
  const trouble = failed(heard) ?? refusedAs(heard);
  if (trouble !== undefined) return { history: trouble, charge: trouble, refunds: trouble };
  if (typeof heard !== 'object') return {};
  const read = historySchema.safeParse(heard.answer);
  if (!read.success) return { history: 'in a form the bot does not know (see the shape)' };
  const rows = rawRows(heard.answer, 'generations');
  if (rows.length === 0) return { history: 'empty', charge: 'the history is empty', refunds: 'the history is empty' };
  const ended = read.data.filter(({ status }) => /^(complete|fail)/i.test(status));
  const priced = ended.filter(({ credits_deducted }) => credits_deducted !== undefined);
  const bad = read.data.filter(({ status }) => /^fail/i.test(status));
  const kept = bad.filter(({ credits_deducted }) => (credits_deducted ?? 0) > 0);
  return {
    history: `of ${counted(rows.length, 'job')} ${tally(rows.map((row) => asWord(fieldsOf(row).generation_type)))}; ${counted(read.data.length, 'of them', 'of them')} can be read`,
    charge:
      ended.length === 0 ? 'no job has ended' : `named for ${priced.length} of ${counted(ended.length, 'ended job')}`,
    refunds:
      bad.length === 0
        ? 'no job has failed'
        : `${kept.length} of ${counted(bad.length, 'failed job')} still cost something`,
  };
}

function ofModels(heard: Heard): Partial<Record<UnknownName, string>> {
  const trouble = failed(heard) ?? refusedAs(heard);
  if (trouble !== undefined) return { kinds: trouble, sizes: trouble };
  if (typeof heard !== 'object') return {};
  const rows = rowsIn(heard);
  const all = rawRows(heard.answer, 'models').length;
  const having = (name: keyof NonNullable<(typeof rows)[number]['capabilities']>) =>
    rows.filter(({ capabilities: can }) => can?.[name] !== undefined).length;
  return {
    kinds: `${counted(all, 'model')}, of which ${rows.length} can be read: ${tally(rows.map(({ model_type }) => asWord(model_type)))}`,
    sizes: `of ${counted(rows.length, 'model')} ${having('max_input_file_mb')} say how large a file may be, ${having('max_input_seconds')} how long, ${having('prompt_max_chars')} how long a prompt`,
  };
}

/** In which form answers come, where all of them come alike; else how many come in each. */
const formsOf = (heard: Heard[]): string | undefined => {
  const forms = heard.flatMap((one) => (typeof one === 'object' ? [formNames[one.form]] : []));
  return forms.length === 0 ? undefined : tally(forms);
};
const formNames = { structured: 'structuredContent', json: 'JSON in a text', words: 'words' };

function ofRefusal(heard: Heard): string | undefined {
  if (heard === undefined) return undefined;
  if (typeof heard === 'string') return `an error of the protocol, which the bot reads as ${heard}`;
  const { code, error } = fieldsOf(heard.answer);
  const word = [code, error].find((one) => typeof one === 'string');
  const marked = heard.isRefused ? 'marked with isError' : 'not marked';
  return `${marked}, in ${formNames[heard.form]}${word === undefined ? ', without a code' : `, with a code such as ${asWord(word)}`}`;
}

function ofBalance(heard: Heard): string | undefined {
  const trouble = failed(heard) ?? refusedAs(heard);
  if (trouble !== undefined || typeof heard !== 'object') return trouble;
  return 'purchase_url' in fieldsOf(heard.answer) ? 'the balance names an address' : 'the balance names no address';
}

const refusedAs = (heard: Heard): string | undefined =>
  typeof heard === 'object' && heard.isRefused ? 'refused (see the shape)' : undefined;

function rowsIn(heard: Heard) {
  const read = typeof heard === 'object' ? modelsSchema.safeParse(heard.answer) : undefined;
  return read?.success ? read.data : [];
}

const rawRows = (answer: unknown, name: string): unknown[] => {
  const list = Array.isArray(answer) ? answer : fieldsOf(answer)[name];
  return Array.isArray(list) ? list : [];
};

const anyOf = (words: string[]) => (words.length === 0 ? 'nothing' : words.join(', '));

/** How many there are of each, the most first. */
function tally(words: string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}
