import { expect, test } from 'vitest';
import { entriesOf } from '../../src/guilds/entries.ts';
import { storyOf } from '../../src/requests/story.ts';
import { runWithJob, someFlow, someFlowOfTwoModels, someQuote, someSession, someUploadFlow } from '../flows.ts';

const story = (flow: Parameters<typeof entriesOf>[0]) => storyOf(flow, entriesOf(flow), 60_000);

test('a flow that failed: who asked for what, the price, who confirmed it, what Kubeez answered, and the ledger', () => {
  const failed = runWithJob('job-1', { status: 'failed', error: 'The provider\ngave up.', charged: 0, overAt: 30_000 });
  const flow = someFlow({
    stage: 'failed',
    asked: { options: { aspect_ratio: '16:9' } },
    money: { quote: someQuote, confirmed: { by: '1001', credits: 7, at: 5_000 }, heldAt: 6_000, charged: 0 },
    runs: [failed],
    shown: { reason: { code: 'jobFailed', detail: 'The provider gave up.' } },
    wait: { submittedAt: 7_000 },
    endedAt: 31_000,
  });
  expect(story(flow)).toBe(`#k3f9abcd · Image · Some Model
  Times in UTC, as of 1970-01-01 00:01:00.

What was asked
  By 1000, on 1970-01-01 00:00:00
  In server 2000, channel 3000, message 4000
  Prompt: a fox in snow
  aspect_ratio: 16:9

Price
  Paid by the bot’s own account
  7 credits (fixed price), read on 1970-01-01 00:00:00, with 100 credits in the account
  Confirmed by 1001 at 7 credits, on 1970-01-01 00:00:05
  Charged in all, by Kubeez: 0 credits

Starts
  Run 1 (some-model, 7 credits), call 1: started
    Job job-1: failed, 0 files
    Over since 1970-01-01 00:00:30
    Kubeez charged 0 credits
    Kubeez says: The provider gave up.
  Credits held since 1970-01-01 00:00:06
  Latest start sent on 1970-01-01 00:00:07

Ledger
  Run 1: 7 credits given back, held on 1970-01-01 00:00:06, for 1000 in channel 3000, job job-1

How it stands
  Stage: failed, since 1970-01-01 00:00:31
  Kubeez could not make this. Try other words or another model. Nothing was charged. (KD-314) Kubeez says: “The provider gave up.”`);
});

test('several runs, one of them unclear', () => {
  const [first, second] = someFlowOfTwoModels().runs;
  if (!first || !second) throw new Error('no runs');
  const flow = someFlowOfTwoModels({
    stage: 'unclear',
    money: { heldAt: 6_000, writtenOff: 3 },
    runs: [runWithJob('job-1'), { ...second, credits: 4, state: 'unclear' }],
    wait: { submittedAt: 7_000, answer: 'lost', lookUps: 2 },
  });
  const text = story(flow);
  expect(text).toContain('Run 2 (other-model, 4 credits), call 2: unclear');
  expect(text).toContain('The answer to it was lost; 2 look-ups in the history');
  expect(text).toContain('Unclear from an earlier start: 3 credits');
  expect(text).toContain('Run 2: 4 credits unclear, held on 1970-01-01 00:00:06');
});

test('no address and no token is in it, whoever named it', () => {
  const secret = 'https://upload.example/secret-token';
  const session = { ...someSession, token: 'secret-token', url: secret, direct: `${secret}/direct` };
  const file = { url: secret, kind: 'image' as const, name: 'cat.png', bytes: 1_000_000 };
  const flow = someUploadFlow({
    upload: { session },
    asked: { inputs: [file], attachments: [file] },
    reply: { application: '5000', token: 'secret-token', until: 900_000 },
    runs: [runWithJob('job-1', { status: 'failed', error: `See ${secret}`, outputs: [{ url: secret }] })],
    shown: {
      note: `Upload to ${secret} again`,
      reason: { code: 'jobFailed', detail: `See ${secret}` },
      results: [{ name: 'fox.png', url: secret, as: 'link', why: null, link: secret }],
    },
  });
  const text = story(flow);
  expect(text).toContain('File: cat.png, image, 1 MB');
  expect(text).toContain('Result: fox.png, as a link');
  expect(text).not.toContain('secret');
  expect(text).not.toContain('://');
});

test('of a result it says plainly that it is made with AI: by which models, for whom, and when', () => {
  const made = 'Made with AI: by Some Model and Other Model through Kubeez, for 1000, finished on 1970-01-01 00:00:31';
  expect(story(someFlowOfTwoModels({ stage: 'delivered', endedAt: 31_000 }))).toContain(made);
  expect(story(someFlowOfTwoModels({ stage: 'failed', endedAt: 31_000 }))).not.toContain('Made with AI');
});
