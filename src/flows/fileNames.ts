import { isBlank, sanitise } from '../text/cut.ts';
import { t } from '../text/text.ts';
import type { Flow } from './flow.ts';

/** What a flow is about, in a few words that can be shown: what was asked for, or the file it works on. */
export const subjectOf = (flow: Flow): string => ownSubjectOf(flow) || t(`recipe.${flow.recipe}.title`);

/** The same in its requester's own words; empty where there are none. */
export function ownSubjectOf(flow: Flow): string {
  const { options, prompt, inputs } = flow.asked;
  const names = [options.title ?? '', prompt, sourceName(flow, inputs[0]?.name)];
  return sanitise(names.find((name) => !isBlank(name)) ?? '');
}

/** The name of the file a flow works on, without its ending and without the number of the flow that made it. */
function sourceName({ parent }: Flow, name = ''): string {
  const bare = name.replace(/\.\w{1,5}$/, '');
  return parent !== null && bare.endsWith(`-${parent}`) ? bare.slice(0, -parent.length - 1) : bare;
}

/**
 * The name of a result's file without its ending: `fox-in-snow-k3f9abcd`. Discord hides files whose name begins with
 * SPOILER_ (docs: resources/message).
 *
 * @param part what tells it from the flow's other files: a number, `vocals`
 */
export function fileName(flow: Flow, part?: string | number): string {
  const subject = safeName(subjectOf(flow));
  const own = part === undefined ? '' : safeName(String(part));
  // A song's title often begins with what was asked for.
  const words = [own.startsWith(subject) ? '' : subject, own, flow.id].filter(Boolean);
  return `${flow.asked.spoiler ? 'SPOILER_' : ''}${words.join('-')}`;
}

/**
 * The first words of a text as a file name without its ending: `a-fox-in-snow`. Whoever wrote the text, it names no folder, is
 * short, and has nothing in it but letters and numbers with hyphens between them.
 */
export function safeName(text: string): string {
  const words = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const parts = words.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
  return [...parts].slice(0, 40).join('').replace(/-$/, '') || 'result';
}
