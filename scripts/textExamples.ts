import type { Parameter } from './textKeys.ts';

/** What a sentence is shown with where nobody uses it: by the name of its parameter. */
const examples: Record<string, string | number> = {
  address: '<https://kubeez.com/pricing>',
  all: 4,
  balance: 261,
  bar: '▰▰▰▰▱▱▱▱▱▱▱▱',
  by: '@Lea',
  call: 1,
  channel: '#moodboard',
  code: '4014',
  command: 'edit',
  count: 3,
  counted: '2 images',
  credits: 7,
  date: 'Nov 25, 2026',
  days: '3: 14, 5: 7',
  description: 'Make a picture from words',
  done: 3,
  elapsed: '12 s',
  emoji: '🖼️',
  examples: 'Nano Banana, Seedream or Qwen',
  facts: 'voice.mp3 · 12 s · 1 MB',
  files: '1 to 8 images',
  first: '1 image',
  format: 'HEIC',
  from: 7,
  formats: 'PNG, JPEG and WebP',
  goesOn: 'When everything is there, this goes on by itself.',
  height: 360,
  id: '7fgpdwpb',
  kinds: 'Image: 21',
  job: '9f0c2a1e',
  language: 'klingon',
  left: 908,
  length: 6001,
  limit: '50 credits a week for #moodboard',
  link: 'https://media.kubeez.com/fox.png',
  longest: 30,
  max: 8,
  megabytes: 100,
  mend: 'make a new token in the Discord developer portal → Bot → Reset Token, and set DISCORD_TOKEN',
  message: '1575417293972701188',
  min: 1,
  minutes: 3,
  missing: 'dub or sound',
  model: 'Nano Banana',
  month: '2026-11',
  most: '8 images',
  name: 'voice.mp3',
  names: 'vocals.mp3 · 1 of 4 jobs',
  needed: '1 to 8 images',
  notice: 'Kubeez is busy. I keep trying; nothing is lost.',
  now: '2026-11-26 07:40:12',
  number: 2,
  option: 'aspect',
  page: 2,
  pages: 3,
  parent: 'smaz4jeg',
  people: '1: 14, 2: 7',
  permissions: 'Embed Links and Attach Files',
  person: '@Ada',
  place: 'data/bot.db',
  position: 3,
  price: 270,
  problem: '“voice.mp3” is a sound, but Nano Banana needs 1 to 8 images. PNG, JPEG and WebP work.',
  prompt: 'a fox in snow',
  quality: 'good',
  reason: 'Kubeez could not make this. Try other words or another model. Nothing was charged.',
  recipe: 'Image',
  second: '1 video of 3 to 30 s',
  seconds: 12.5,
  seed: '10071764',
  sentence: 'Discord refuses the shards of this process: check SHARDS and SHARD_COUNT.',
  server: 'Paper Moon Studio',
  servers: '“Paper Moon Studio” (Embed Links and Attach Files)',
  shards: '0, 1',
  shortName: 'Anna',
  shortest: 3,
  sign: '✘',
  since: '11:39',
  stage: 'delivered',
  subject: 'a fox in snow',
  target: '#moodboard',
  typed: 'two',
  time: '2026-11-26 07:40:12',
  to: 8,
  until: '11:39',
  used: 47,
  value: '7:3',
  values: '1:1, 16:9, 9:16',
  voice: 'Anna',
  wanted: 'an image or a video',
  what: 'Discord refuses the token',
  when: 'in 20 seconds',
  width: 640,
  words: 'a real person may not be shown',
};

/** The longest that code fills in, in characters; other texts are names, cut to 100 and perhaps escaped. */
const longest: Record<string, number> = {
  emoji: 10,
  recipe: 30,
  date: 12,
  shortName: 30,
  command: 10,
  counted: 20,
};

const longestName = 200;

export type Values = Record<string, string | number>;

/** Where the usual example would read oddly: by the key of the sentence and the name of its parameter. */
const examplesOf: Record<string, string | number> = {
  'card.delivered facts': '7 credits · seed 10071764',
  'card.unclear reason':
    '**Unclear.** The start was sent, its answer was lost, and the job is not in the account’s history.',
  'card.outage when': '10 seconds ago',
  'card.busy when': '10 seconds ago',
  'budget.left left': 43,
  'budget.left credits': 50,
  'budget.left when': 'in 3 days',
  'budget.chartFigure name': 'Image',
  'budget.limit credits': 50,
  'budget.tooMany max': 200,
  'card.limit left': 43,
  'card.limit credits': 50,
  'raise.asked left': 3,
  'raise.asked when': 'in 3 days',
  'raise.askedBefore address': 'https://discord.com/channels/…',
  'raise.raised credits': 46,
  'story.inServer server': '1575417293972701100',
  'story.inServer channel': '1575417293972701101',
  'story.inDm channel': '1575417293972701101',
  'story.account server': '1575417293972701100',
  'story.entry person': '1575417293972701102',
  'story.entry channel': '1575417293972701101',
  'story.askedBy person': '1575417293972701102',
  'story.confirmed person': '1575417293972701102',
  'story.option name': 'aspect_ratio',
  'story.option value': '16:9',
  'story.room limit': 'server.week',
  'story.room credits': 50,
  'story.run facts': 'nano-banana, seed 7, 7 credits',
  'reason.limitFull credits': 50,
  'reason.limitFull price': 7,
  'reason.limitFull when': 'in 3 days',
  'connect.signInInstead when': '3 days ago',
  'files.tooMany files': '9 images',
  'files.tooLarge name': 'film.mp4',
  'fact.failed count': 1,
  'fact.notStarted count': 1,
  'fact.unclear count': 1,
  'fact.jobsRunning count': 1,
  'hint.variants max': 4,
  'refusal.promptTooLong max': 2500,
  'refusal.songPromptTooLong max': 400,
  'refusal.songWordsTooLong max': 3000,
  'refusal.textLength min': 5,
  'refusal.textLength max': 5000,
  'refusal.variants max': 4,
  'refusal.tooManyLanguages count': 7,
  'refusal.tooManyLanguages max': 5,
  'refusal.seconds max': 360,
  'refusal.unknownModel model': 'Banana Split',
  'refusal.unknownVoice voice': 'Darth',
  'refusal.unknownVoice examples': 'Anna, Rachel or Yara',
  'show.busy address': 'https://discord.com/channels/…',
  'show.elsewhere address': 'https://discord.com/channels/…',
  'show.movedTo address': 'https://discord.com/channels/…',
  'router.moved address': 'https://discord.com/channels/…',
  'doctor.notExamined reason': 'TimeoutError',
  'doctor.knownAs name': 'Kubeez',
  'doctor.kubeezOdd code': 'outage',
  'doctor.comeBack address': 'https://bot.example',
  'setting.without words': 'text, watermark',
};

/** The sentence's parameters with examples, once for every choice that it makes; as people might read it. */
export function exampleValues(key: string, parameters: Map<string, Parameter>): Values[] {
  return combinations(parameters, (name, kind) => {
    const value = examplesOf[`${key} ${name}`] ?? examples[name];
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
