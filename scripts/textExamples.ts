import type { Parameter } from './textKeys.ts';

/** What a sentence is shown with where nobody uses it: by the name of its parameter. */
const examples: Record<string, string | number> = {
  credits: 7,
  left: 908,
};

/** The longest that code fills in, in characters; other texts are names, cut to 100 and perhaps escaped. */
const longest: Record<string, number> = {};

const longestName = 200;

export type Values = Record<string, string | number>;

/** The sentence's parameters with examples, once for every choice that it makes; as people might read it. */
export function exampleValues(parameters: Map<string, Parameter>): Values[] {
  return combinations(parameters, (name, kind) => {
    const value = examples[name];
    if (value === undefined) throw new Error(`scripts/textExamples.ts has no example of {${name}}`);
    if (typeof value !== kind) throw new Error(`The example of {${name}} is no ${kind}`);
    return value;
  });
}

/** The same with the longest values that can occur. */
export function longValues(parameters: Map<string, Parameter>): Values[] {
  return combinations(parameters, (name, kind) =>
    kind === 'number' ? 1_234_567.89 : 'W'.repeat(longest[name] ?? longestName),
  );
}

function combinations(
  parameters: Map<string, Parameter>,
  fill: (name: string, kind: 'number' | 'string') => string | number,
): Values[] {
  let all: Values[] = [{}];
  for (const [name, parameter] of parameters) {
    const values = Array.isArray(parameter) ? parameter : [fill(name, parameter)];
    all = all.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
  }
  return all;
}
