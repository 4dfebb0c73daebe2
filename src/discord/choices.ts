import { cut, isBlank } from '../text/cut.ts';
import { limits } from '../text/limits.ts';

/** Something to choose from in a list of Discord's. */
export interface NamedValue {
  name: string;
  value: string;
}

/**
 * Choices as Discord takes them, at most 25: Discord refuses the whole list for a single bad one. Values that are too
 * long or repeated are left out; equal names are made different.
 */
export function fitChoices<Choice extends NamedValue>(choices: Choice[]): Choice[] {
  const values = new Set<string>();
  const names = new Set<string>();
  const fitting: Choice[] = [];
  for (const choice of choices) {
    const { value } = choice;
    if (fitting.length === limits.choices) break;
    if (isBlank(value) || value.length > limits.choiceValue || /\p{Cs}/u.test(value) || values.has(value)) continue;
    let name = isBlank(choice.name) ? value : cut(choice.name, limits.choiceName);
    if (names.has(name)) {
      const mark = cut(` (${value})`, 40);
      name = cut(choice.name, limits.choiceName - mark.length) + mark;
    }
    values.add(value);
    names.add(name);
    fitting.push({ ...choice, name });
  }
  return fitting;
}
