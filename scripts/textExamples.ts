import type { Parameter } from './textKeys.ts';

/** What a sentence is shown with where nobody uses it: by the name of its parameter. */
const examples: Record<string, string | number> = {
  address: '<https://kubeez.com/pricing>',
  all: 4,
  balance: 261,
  bar: '▰▰▰▰▱▱▱▱▱▱▱▱',
  channel: '#moodboard',
  code: '4014',
  command: 'edit',
  count: 3,
  counted: '2 images',
  credits: 7,
  date: 'Nov 25, 2026',
  description: 'Make a picture from words',
  done: 3,
  elapsed: '12 s',
  emoji: '🖼️',
  examples: 'Nano Banana, Seedream or Qwen',
  facts: 'voice.mp3 · 12 s · 1 MB',
  files: '1 to 8 images',
  first: '1 image',
  format: 'HEIC',
  formats: 'PNG, JPEG and WebP',
  goesOn: 'When everything is there, this goes on by itself.',
  id: '7fgpdwpb',
  language: 'klingon',
  left: 908,
  length: 6001,
  link: 'https://media.kubeez.com/fox.png',
  longest: 30,
  max: 8,
  megabytes: 100,
  mend: 'make a new token in the Discord developer portal → Bot → Reset Token, and set DISCORD_TOKEN',
  min: 1,
  minutes: 3,
  missing: 'dub or sound',
  model: 'Nano Banana',
  most: '8 images',
  name: 'voice.mp3',
  names: 'vocals.mp3 · 1 of 4 jobs',
  needed: '1 to 8 images',
  notice: 'Kubeez is busy. I keep trying; nothing is lost.',
  number: 2,
  option: 'aspect',
  page: 2,
  pages: 3,
  parent: 'smaz4jeg',
  permissions: 'Embed Links and Attach Files',
  person: '@Ada',
  position: 3,
  price: 270,
  problem: '“voice.mp3” is a sound, but Nano Banana needs 1 to 8 images. PNG, JPEG and WebP work.',
  quality: 'good',
  reason: 'Kubeez could not make this. Try other words or another model. Nothing was charged.',
  recipe: 'Image',
  second: '1 video of 3 to 30 s',
  seconds: 12.5,
  seed: '10071764',
  server: 'Paper Moon Studio',
  servers: '“Paper Moon Studio” (Embed Links and Attach Files)',
  shortest: 3,
  sign: '✘',
  shortName: 'Anna',
  since: '11:39',
  subject: 'a fox in snow',
  typed: 'two',
  until: '11:39',
  value: '7:3',
  values: '1:1, 16:9, 9:16',
  voice: 'Anna',
  wanted: 'an image or a video',
  what: 'Discord refuses the token',
  when: 'in 20 seconds',
  words: 'a real person may not be shown',
};

/** The longest that code fills in, in characters; other texts are names, cut to 100 and perhaps escaped. */
const longest: Record<string, number> = {
  date: 12,
  shortName: 30,
  command: 10,
  counted: 20,
};

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
