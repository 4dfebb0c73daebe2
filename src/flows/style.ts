import { z } from 'zod';

/** What the house style of a channel added to a request, as its record keeps it: settings may change, what was shown may not. */
export const appliedStyleSchema = z.object({
  /** What people call it. */
  name: z.string(),
  /** Phrases set before and after what was typed; empty where there is none. */
  before: z.string(),
  after: z.string(),
  /** Its requester has taken it off. */
  isOff: z.boolean(),
});
export type AppliedStyle = z.infer<typeof appliedStyleSchema>;

interface Styled {
  prompt: string;
  style: AppliedStyle | null;
}

/** The prompt that the platform is given: what was typed, with what a style adds to it. Pure. */
export const sentPrompt = ({ prompt, style }: Styled): string => {
  const { before, after } = addedBy({ prompt, style });
  return joined(joined(before, prompt), after);
};

/** What a style adds to a prompt: what is there already is not said twice. */
export function addedBy({ prompt, style }: Styled): Pick<AppliedStyle, 'before' | 'after'> {
  if (!style || style.isOff) return { before: '', after: '' };
  const { before, after } = style;
  return { before: beginsWith(prompt, before) ? '' : before, after: endsWith(prompt, after) ? '' : after };
}

/** Whether a style can be taken off: another run of the same job has the words of that job. */
export const canTakeOff = ({
  style,
  options,
}: {
  style: AppliedStyle | null;
  options: { source_job?: string | undefined };
}) => style !== null && !style.isOff && options.source_job === undefined;

/** Two texts in one; a comma between them where the first has no sign at its end. */
function joined(first: string, second: string): string {
  if (first === '' || second === '') return first + second;
  return `${first}${/[\p{P}]$/u.test(first) ? ' ' : ', '}${second}`;
}

const inWord = /[\p{L}\p{M}\p{N}]/u;

function beginsWith(text: string, phrase: string): boolean {
  const rest = text.slice(phrase.length);
  return text.toLowerCase().startsWith(phrase.toLowerCase()) && !inWord.test([...rest][0] ?? '');
}

function endsWith(text: string, phrase: string): boolean {
  const rest = text.slice(0, Math.max(0, text.length - phrase.length));
  return text.toLowerCase().endsWith(phrase.toLowerCase()) && !inWord.test([...rest].at(-1) ?? '');
}
