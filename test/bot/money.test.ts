import { expect, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import type { Fault } from '../../playground/kubeez/faults.ts';
import { picture } from '../../playground/props.ts';
import { formOf, labels, messageOf, textOf, useStage } from '../stage.ts';

/** What lost and doubtful answers of paid calls cost: never more than was confirmed, and nothing paid for goes unsaid. */
const stage = useStage();
/** Time-outs of a second and less. */
const quick = 0.01;

const creditsBefore = 1000;
const spent = () => creditsBefore - stage.kubeez.platform.credits;

/** The same, while the time runs fast. */
async function saysInTime(card: Message, text: string): Promise<void> {
  await stage.inTime(stage.says(card, text));
}

/** The job is looked for as long as it takes; nothing else is hurried. */
async function goneLooking(card: Message): Promise<void> {
  const isLooking = () => textOf(card).includes('Looking for the job');
  await stage.discord.world.until(isLooking, 'a look');
  const later = setInterval(() => isLooking() && stage.clock.advance(10_000), 40);
  await stage.discord.world.until(() => !isLooking(), 'an end').finally(() => clearInterval(later));
}

async function command(name: string, values: Parameters<typeof stage.ada.command>[2]): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, name, values));
  await stage.says(card, 'Confirm ·');
  return card;
}

const fox = () => command('image', { prompt: 'a fox in snow', model: 'nano-banana' });

/** A card that asks for variants of a picture that was made before, at a price of 7 credits each. */
async function variants(count: number): Promise<Message> {
  const first = await fox();
  await stage.ada.press(first, 'Confirm');
  await saysInTime(first, '✅');
  await stage.discord.world.until(() => stage.log.some((line) => line.includes('"to":"delivered"')), 'the record');
  const form = formOf(await stage.ada.press(first, 'Vary'));
  const card = messageOf(await stage.ada.submit(stage.channel, form, { variants: String(count) }, first));
  await stage.says(card, 'Confirm ·');
  return card;
}

/** Only the given one of the calls of a tool meets a fault: 1 is the next one. */
function faultAt(tool: RegExp, number: number, fault: Omit<Fault, 'tool' | 'times'>): void {
  let calls = 0;
  const matches = { test: (asked: string) => tool.test(asked) && ++calls === number } as RegExp;
  stage.kubeez.faults.push({ tool: matches, times: 1, ...fault });
}

test.each([0, 3000, 120_000, -120_000])(
  'Vary ×4, and the answer of the second start is lost: four are paid, four are shown (clock off by %i ms)',
  async (clockOffset) => {
    Object.assign(stage.kubeez.platform.settings, { clockOffset, chargesInStatus: true });
    await stage.startBot();
    const card = await variants(4);
    stage.kubeez.latency.ms = 100;
    faultAt(/^generate_media$/, 2, { how: 'lost' });
    await stage.ada.press(card, 'Confirm');
    await stage.job(5);
    await saysInTime(card, '✅ 28 credits');
    expect(card.attachments).toHaveLength(4);
    expect(new Set(card.attachments.map(({ size }) => size)).size).toBe(4);
    expect(stage.paid()).toBe(5);
  },
);

test.each([
  ['documented', /^create_ad_copy$/],
  ['newer', /^regenerate$/],
] as const)(
  'one call that starts several jobs (%s tools), its answer lost: every job is found and shown',
  async (generation, tool) => {
    Object.assign(stage.kubeez.platform.settings, { generation, chargesInStatus: true });
    await stage.startBot();
    const reference = await picture('ad.png');
    const card =
      generation === 'newer' ? await variants(4) : await command('ad', { product: 'a mug', variants: 4, reference });
    const before = stage.paid();
    faultAt(tool, 1, { how: 'lost' });
    await stage.ada.press(card, 'Confirm');
    await saysInTime(card, '✅');
    expect(textOf(card)).not.toContain('unclear');
    expect(card.attachments).toHaveLength(4);
    expect(stage.paid()).toBe(before + 4);
  },
);

/** Texts with which a tool fails on the way back, although the job exists and is charged. */
const brokenTexts = [
  '504 Gateway Timeout',
  'Service unavailable (503)',
  'Internal server error',
  'ReadTimeout',
  'fetch failed',
  'upstream connect error or disconnect/reset before headers',
  'Something went wrong.',
  '',
  'The moderation service is unavailable.',
  'Invalid response from provider',
  'context deadline exceeded',
  'MCP error -32602: Output validation error: Invalid structured content',
  '{"error":"internal_error","status":500,"message":"invalid parameters could not be logged"}',
  // Words of a refusal prove nothing either: servers' own troubles use the same ones.
  'Could not copy the file to storage: 403 Forbidden',
  'Generation started, but the webhook answered 401 Unauthorized.',
  'Started. Your remaining balance is too low for another one.',
  '1 validation error for StartResponse [type=missing, input_value={}, input_type=dict]',
  'invalid input syntax for type uuid: "undefined"',
  'Waiting for the job exceeds 60 s; it goes on',
  'Could not save the prompt "a safety helmet" to the log',
];

test.each(brokenTexts)(
  'a job that was started, and then the tool fails with “%s”: it is found, not sent again',
  async (text) => {
    await stage.startBot();
    const card = await fox();
    faultAt(/^generate_media$/, 1, { how: 'errorAfter', text });
    await stage.ada.press(card, 'Confirm');
    await saysInTime(card, '✅');
    expect(card.attachments).toHaveLength(1);
    expect(spent()).toBe(7);
  },
);

test('a failing tool that names its job all the same: the job is followed at once', async () => {
  stage.kubeez.platform.settings.historyLag = Number.POSITIVE_INFINITY;
  await stage.startBot();
  const card = await fox();
  stage.kubeez.gates.after = (tool) => {
    const job = [...stage.kubeez.platform.jobs.keys()].at(-1);
    const [fault] = stage.kubeez.faults;
    if (tool === 'generate_media' && fault) fault.text = `{"error":"timeout","generation_id":"${job}"}`;
  };
  faultAt(/^generate_media$/, 1, { how: 'errorAfter' });
  await stage.ada.press(card, 'Confirm');
  await saysInTime(card, '✅');
  expect(spent()).toBe(7);
});

test.each([
  ['errorBefore', 'Internal server error'],
  ['plainBefore', 'Something went wrong.'],
] as const)('a tool that fails (%s) and has started nothing: unclear, as nobody can know', async (how, text) => {
  await stage.startBot();
  const card = await fox();
  faultAt(/^generate_media$/, 1, { how, text });
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, 'The answer from Kubeez was lost. Looking for the job…');
  await saysInTime(card, 'It may have cost up to 7 credits.');
  expect(labels(card)).toEqual(['Check', 'Start again · new price']);
  expect(stage.paid()).toBe(0);
});

const refusals: [string, string][] = [
  [
    '{"error":"insufficient_credits","message":"Insufficient credits: 7 needed, 3 available."}',
    'Nothing was spent. Top up:',
  ],
  [
    'Your prompt was flagged by our safety system.',
    'content check refused this. Change the words and try again. Nothing was spent.',
  ],
  ['{"error":"invalid_parameters","message":"aspect_ratio 7:3 is not allowed for this model."}', 'Nothing was spent'],
  ['{"detail":[{"msg":"prompt is required"}]}', 'Nothing was spent'],
  ['MCP error -32602: Input validation error: Invalid arguments for tool generate_media', 'Nothing was spent'],
];

test.each(
  refusals.flatMap(([text, sentence]) =>
    (['errorBefore', 'plainBefore'] as const).map((how) => [how, text, sentence] as const),
  ),
)('a known refusal (%s, %s) is a refusal: nothing was spent', async (how, text, sentence) => {
  await stage.startBot();
  const card = await fox();
  faultAt(/^generate_media$/, 1, { how, text });
  const asked: string[] = [];
  // The price is read once more after the press: by then the credits must still be there.
  stage.kubeez.gates.before = (tool) => {
    asked.push(tool);
    if (text.includes('insufficient') && tool === 'get_balance' && asked.length > 1) stage.kubeez.platform.credits = 3;
  };
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, sentence);
  expect(stage.paid()).toBe(0);
});

test('a sign-in refused without being marked as an error is waited out, and costs nothing', async () => {
  await stage.startBot();
  const card = await fox();
  faultAt(/^generate_media$/, 1, { how: 'plainBefore', text: '{"error":"unauthorized","message":"Token expired."}' });
  await stage.ada.press(card, 'Confirm');
  await saysInTime(card, '✅');
  expect(spent()).toBe(7);
});

test.each([0, 40_000])(
  'a tool that speaks of a rate limit although the job exists: it is found %i ms later, and not sent again',
  async (historyLag) => {
    stage.kubeez.platform.settings.historyLag = historyLag;
    await stage.startBot();
    const card = await fox();
    faultAt(/^generate_media$/, 1, { how: 'errorAfter', text: 'Rate limit exceeded, please wait.' });
    await stage.ada.press(card, 'Confirm');
    await saysInTime(card, '✅');
    expect(spent()).toBe(7);
    expect(card.attachments).toHaveLength(1);
  },
);

test('an id beside the words of a refusal: the jobs are followed, and what is missing is named', async () => {
  await stage.startBot();
  const reference = await picture('ad.png');
  const card = await command('ad', { product: 'a mug', variants: 3, reference });
  stage.kubeez.gates.after = () => {
    const [first, second] = stage.kubeez.platform.jobs.keys();
    const [fault] = stage.kubeez.faults;
    if (fault) fault.text = JSON.stringify({ generation_ids: [first, second], error: 'The third was flagged.' });
  };
  faultAt(/^create_ad_copy$/, 1, { how: 'errorAfter' });
  await stage.ada.press(card, 'Confirm');
  await saysInTime(card, '1 of 3 could not be started');
  await saysInTime(card, '✅');
  expect(card.attachments).toHaveLength(2);
});

test('a refusal with the id of a request, not marked as an error, is no job', async () => {
  await stage.startBot();
  const card = await fox();
  faultAt(/^generate_media$/, 1, {
    how: 'plainBefore',
    text: '{"id":"req_8f2a","message":"Your prompt was flagged."}',
  });
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, 'content check refused this. Change the words and try again. Nothing was spent.');
});

test('credits that come in meanwhile do not make a charged start look like a refused one', async () => {
  await stage.startBot();
  const card = await command('music', { prompt: 'a song of foxes' });
  faultAt(/^generate_music$/, 1, { how: 'errorAfter', text: 'Rate limit exceeded, please wait.' });
  stage.kubeez.gates.after = (tool) => {
    if (tool === 'generate_music') stage.kubeez.platform.credits += 100;
  };
  await stage.ada.press(card, 'Confirm');
  await saysInTime(card, 'Kubeez keeps no history of this kind');
  expect(stage.paid()).toBe(1);
});

test('two people with the same words, both answers lost: each gets the picture that was made for them', async () => {
  stage.kubeez.platform.settings.historyLag = 25_000;
  await stage.startBot();
  const cards = [];
  for (const person of [stage.ada, stage.ben]) {
    const card = messageOf(await person.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
    await stage.says(card, 'Confirm ·');
    faultAt(/^generate_media$/, 1, { how: 'lost' });
    await person.press(card, 'Confirm');
    await stage.says(card, 'Looking for the job');
    stage.clock.advance(3000);
    cards.push(card);
  }
  for (const card of cards) await saysInTime(card, '✅');
  const owners = [...stage.kubeez.platform.jobs.keys()].map((id) => stage.readRecord(`job:${id}`));
  const flows = cards.map((card) => /#(\w{8})/.exec(textOf(card))?.[1]);
  expect((await Promise.all(owners)).map((record) => JSON.parse(record).flow)).toEqual(flows);
});

/** A card with a new price, after a first start whose answer was lost for good. */
async function startedAgain() {
  stage.kubeez.platform.settings.historyLag = 3_600_000;
  await stage.startBot();
  const card = await fox();
  faultAt(/^generate_media$/, 1, { how: 'lost' });
  await stage.ada.press(card, 'Confirm');
  await saysInTime(card, 'It may have cost up to 7 credits.');
  await stage.ada.press(card, 'Start again');
  await stage.says(card, 'Confirm ·');
  return card;
}

test('after Start again the card still says what the first start may have cost', async () => {
  const card = await startedAgain();
  await stage.ada.press(card, 'Confirm');
  await saysInTime(card, '✅');
  expect(textOf(card)).toContain('an earlier start is unclear (up to 7 credits)');
});

test('a flow that was started again and cancelled does not say that nothing was spent, and no more', async () => {
  const card = await startedAgain();
  expect(textOf(card)).toContain('an earlier start, whose answer was lost: it may have cost up to 7 credits.');
  await stage.ada.press(card, 'Cancel');
  await stage.says(card, 'Cancelled.');
  expect(textOf(card)).toContain('an earlier start, whose answer was lost: it may have cost up to 7 credits.');
});

test('words of a rate limit, a charge, and no trace in the history: unclear, and never sent again', async () => {
  stage.kubeez.platform.settings.historyLag = 3_600_000;
  await stage.startBot();
  const card = await fox();
  faultAt(/^generate_media$/, 1, { how: 'errorAfter', text: 'Too many requests' });
  await stage.ada.press(card, 'Confirm');
  await saysInTime(card, 'It may have cost up to 7 credits.');
  expect(spent()).toBe(7);
});

test.each(['errorAfter', 'errorBefore'] as const)(
  '/music: no history tells of songs, so the balance tells whether a rate limit was one (%s)',
  async (how) => {
    await stage.startBot();
    const card = await command('music', { prompt: 'a song of foxes' });
    faultAt(/^generate_music$/, 1, { how, text: 'Rate limit exceeded, please wait.' });
    await stage.ada.press(card, 'Confirm');
    if (how === 'errorAfter') {
      await saysInTime(card, 'Kubeez keeps no history of this kind');
      expect(stage.paid()).toBe(1);
      return;
    }
    await stage.says(card, 'Kubeez is busy.');
    await saysInTime(card, '✅');
    expect(stage.paid()).toBe(1);
  },
);

test.each([
  { name: 'image', tool: /^generate_media$/, end: 'Kubeez could not make this.' },
  { name: 'music', tool: /^generate_music$/, end: 'Kubeez keeps no history of this kind' },
])(
  '/$name: a job that failed and was given back its credits before the first look is not taken for a refused one',
  async ({ name, tool, end }) => {
    stage.kubeez.platform.settings.historyLag = 60_000;
    await stage.startBot();
    const card = await command(name, { prompt: 'a doomed fox' });
    faultAt(tool, 1, { how: 'errorAfter', text: 'Rate limit exceeded, please wait.' });
    stage.kubeez.gates.after = (called) => {
      if (tool.test(called)) stage.clock.advance(40_000);
    };
    await stage.ada.press(card, 'Confirm');
    await saysInTime(card, end);
    expect(stage.paid()).toBe(1);
  },
);

test('a song whose answer was lost is unclear at once: there is nothing to look in', async () => {
  await stage.startBot();
  const card = await command('music', { prompt: 'a song of foxes' });
  faultAt(/^generate_music$/, 1, { how: 'lost' });
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, 'Kubeez keeps no history of this kind');
  expect(labels(card)).toEqual(['Check', 'Start again · new price']);
  await stage.ada.press(card, 'Check');
  await stage.says(card, 'The balance shows whether it was charged.');
  expect(stage.paid()).toBe(1);
});

test('a lost answer is said at once, and the job is shown although the history is slow', async () => {
  stage.kubeez.platform.settings.historyLag = 60_000;
  await stage.startBot();
  const card = await fox();
  faultAt(/^generate_media$/, 1, { how: 'lost' });
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, 'The answer from Kubeez was lost. Looking for the job…');
  await saysInTime(card, '✅');
  expect(spent()).toBe(7);
});

test('one of three variants never turns up: the others are shown, it is called unclear, and Check finds it later', async () => {
  stage.kubeez.platform.settings.chargesInStatus = true;
  await stage.startBot({}, undefined, quick);
  const card = await variants(3);
  const { jobs } = stage.kubeez.platform;
  let hidden: [string, NonNullable<ReturnType<typeof jobs.get>>] | undefined;
  stage.kubeez.gates.after = () => {
    if (jobs.size !== 3 || hidden) return;
    hidden = [...jobs].at(-1);
    if (hidden) jobs.delete(hidden[0]);
  };
  faultAt(/^generate_media$/, 2, { how: 'lost' });
  await stage.ada.press(card, 'Confirm');
  await goneLooking(card);
  // Not as fast as elsewhere: the price of the rest holds for three minutes.
  await stage.inTime(stage.says(card, '✅ 2 of 3 · at least 14 credits'), 1_000);
  expect(textOf(card)).toContain('1 of 3 unclear: the answer was lost (up to 7 credits)');
  expect(card.attachments).toHaveLength(2);
  expect(labels(card)[0]).toBe('Check');
  expect(stage.paid() + 1).toBe(4);

  await stage.discord.world.until(
    () => stage.log.filter((line) => line.includes('"to":"delivered"')).length === 2,
    'it',
  );
  await stage.ada.press(card, 'Check');
  await stage.says(card, 'I checked just now: Kubeez has no such job.');
  expect(card.attachments).toHaveLength(2);
  if (hidden) jobs.set(...hidden);
  await stage.ada.press(card, 'Check');
  await saysInTime(card, '✅ 21 credits');
  expect(card.attachments).toHaveLength(3);
  expect(labels(card)).not.toContain('Check');
  expect(stage.paid()).toBe(4);
  // The history says what the ledger says, also where that came to be known later.
  await stage.says(messageOf(await stage.ada.command(stage.channel, 'history')), '21 credits');
});
