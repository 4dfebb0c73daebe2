import { expect, test } from 'vitest';
import type { Message } from '../../playground/discord/world.ts';
import { statusOf } from '../../playground/kubeez/jobAnswers.ts';
import type { Settings } from '../../playground/kubeez/platform.ts';
import type { CallTask } from '../../playground/kubeez/tasks.ts';
import { jobsOf, openTasks } from '../../src/flows/runs.ts';
import { kinds } from '../kinds.ts';
import { idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** MCP's tasks (2026-07-28): a start may be answered with a task, which has its answer later. */
const stage = useStage();
/** Time-outs of a second and less. */
const quick = 0.01;

function answersWithTasks(tasks: Settings['tasks'], changes: Partial<Settings> = {}): void {
  Object.assign(stage.kubeez.platform.settings, { era: 'stateless', tasks, taskPause: 50, ...changes });
}

async function quoted(prompt = 'a fox'): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'nano-banana' }));
  await stage.says(card, 'Confirm ·');
  return card;
}

const finished = (card: Message) => stage.inTime(stage.says(card, '✅'));

const starts = () => stage.kubeez.calls.calls.filter(({ tool }) => tool === 'generate_media').length;

/** The task of the flow on a card, once it is saved. */
async function taskOf(card: Message): Promise<CallTask> {
  await stage.saved(card, 'running');
  const [run] = openTasks(await stage.readFlow(idIn(card)));
  const task = stage.kubeez.platform.tasks.get(run?.task.id ?? '');
  if (!task) throw new Error('No task was saved');
  return task;
}

/** The card of a flow whose start was answered with a task that goes on. */
async function inTask(prompt?: string): Promise<[card: Message, task: CallTask]> {
  const card = await quoted(prompt);
  await stage.ada.press(card, 'Confirm');
  return [card, await taskOf(card)];
}

test.each(['start', 'result'] as const)(
  'a start that is answered with a task, which has its %s later: followed like a job, and paid once',
  async (tasks) => {
    answersWithTasks(tasks);
    await stage.startBot();
    const card = await quoted();
    await stage.ada.press(card, 'Confirm');
    await finished(card);
    expect(card.attachments).toHaveLength(1);
    expect(textOf(card)).toContain('7 credits');
    expect([starts(), stage.paid(), stage.kubeez.platform.tasks.size]).toEqual([1, 1, 1]);
    const flow = await stage.readFlow(idIn(card));
    expect(flow.runs).toMatchObject([{ job: { id: (await stage.job()).id } }]);
  },
);

test('a task whose job has the same id: it is followed as a job from then on, and arrives', async () => {
  answersWithTasks('start', { taskPause: 20_000 });
  stage.holdJobs();
  await stage.startBot();
  const [card, task] = await inTask();
  const { jobs } = stage.kubeez.platform;
  const job = await stage.job();
  task.answer = JSON.parse(JSON.stringify(task.answer).replaceAll(job.id, task.id));
  jobs.delete(job.id);
  jobs.set(task.id, Object.assign(job, { id: task.id }));
  const looks = () => stage.kubeez.calls.calls.filter(({ tool }) => tool === 'get_generation_status').length;
  await stage.inTime(stage.discord.world.until(() => looks() > 0, 'a look at the job'));
  stage.kubeez.platform.finish(task.id);
  await finished(card);
  expect([starts(), stage.paid()]).toEqual([1, 1]);
});

test('a task that names several jobs, with files of the first: each is followed, and all files arrive', async () => {
  answersWithTasks('start', { taskPause: 20_000 });
  stage.holdJobs();
  await stage.startBot();
  const values = (await kinds.find(([name]) => name === 'ad')?.[1]()) ?? {};
  const card = messageOf(await stage.ada.command(stage.channel, 'ad', { ...values, product: 'A mug' }));
  await stage.inTime(stage.says(card, 'Confirm ·'));
  await stage.ada.press(card, 'Confirm');
  const task = await taskOf(card);
  const { platform } = stage.kubeez;
  platform.finishAll();
  const told = task.jobs.map((job) => ({ type: 'text' as const, text: JSON.stringify(statusOf(platform, job)) }));
  expect(told).toHaveLength(2);
  task.answer = { content: told };
  await finished(card);
  const files = jobsOf(await stage.readFlow(idIn(card))).flatMap(({ outputs }) => outputs.map(({ url }) => url));
  expect([card.attachments.length, new Set(files).size, stage.paid()]).toEqual([2, 2, 2]);
});

const slow = kinds.filter(([name]) => ['music', 'separate', 'captions', 'ad'].includes(name));

test.each(slow)('/%s in a task that has the result: it arrives as ever', async (name, values) => {
  answersWithTasks('result');
  await stage.startBot();
  const given = Object.entries(await values()).map(([option, value]) => [
    option,
    typeof value === 'string' ? value.replace('doomed', 'fine') : value,
  ]);
  const card = messageOf(await stage.ada.command(stage.channel, name, Object.fromEntries(given)));
  await stage.inTime(stage.says(card, 'Confirm ·'));
  await stage.ada.press(card, 'Confirm');
  await finished(card);
  expect(stage.kubeez.platform.tasks.size).toBe(1);
  expect(card.attachments.length).toBeGreaterThan(0);
});

test('a job that fails in its task is a job that failed', async () => {
  answersWithTasks('result');
  await stage.startBot();
  const card = await quoted('a doomed fox');
  await stage.ada.press(card, 'Confirm');
  await stage.inTime(stage.says(card, 'The provider could not finish this job'));
  expect([starts(), stage.paid()]).toEqual([1, 1]);
});

test('a refusal in a task is a refusal: nothing was started', async () => {
  answersWithTasks('start');
  await stage.startBot();
  const card = await quoted('an explicit fox');
  await stage.ada.press(card, 'Confirm');
  await stage.inTime(stage.says(card, 'Nothing was spent'));
  expect([starts(), stage.paid()]).toEqual([1, 0]);
});

test('a task is asked for no more often than the server wants', async () => {
  const taskPause = 30_000;
  answersWithTasks('result', { taskPause });
  stage.holdJobs();
  await stage.startBot();
  const [card, task] = await inTask();
  await stage.inTime(
    stage.discord.world.until(() => task.askedAt.length >= 4, 'four looks'),
    3000,
  );
  const pauses = task.askedAt.slice(1).map((at, index) => at - (task.askedAt[index] ?? 0));
  for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(taskPause);
  stage.kubeez.platform.finishAll();
  await finished(card);
});

test('a bot that ends while a task goes on: the next one follows it, in the same card', async () => {
  answersWithTasks('result');
  stage.holdJobs();
  const bot = await stage.startBot();
  const [card] = await inTask();
  await bot.stop();
  await stage.startBot();
  stage.kubeez.platform.finishAll();
  await finished(card);
  expect([starts(), stage.paid(), stage.kubeez.platform.tasks.size]).toEqual([1, 1, 1]);
});

test.each(['hang', 'nonsense', 'retryAfter', 500, 401] as const)(
  'an answer about a task that breaks (%s): it is asked for again',
  async (how) => {
    answersWithTasks('result');
    await stage.startBot({}, undefined, quick);
    const card = await quoted();
    stage.kubeez.faults.push({ tool: /^tasks\/get$/, times: 4, how });
    await stage.ada.press(card, 'Confirm');
    await finished(card);
    expect([starts(), stage.paid()]).toEqual([1, 1]);
  },
);

test('the answer with the task is lost: the job is found in the history', async () => {
  answersWithTasks('result');
  await stage.startBot({}, undefined, quick);
  const card = await quoted();
  stage.kubeez.faults.push({ tool: /^generate_media$/, times: 1, how: 'lost' });
  await stage.ada.press(card, 'Confirm');
  await finished(card);
  expect([starts(), stage.paid()]).toEqual([1, 1]);
});

/** How a call may end in its task without an answer, although its job was begun and charged. */
const ends: [string, (task: CallTask) => void][] = [
  ['expired', ({ id }) => void stage.kubeez.platform.tasks.delete(id)],
  ['failed, with words of a refusal', (task) => failed(task, 'Rate limit exceeded')],
  ['failed', (task) => failed(task, 'Internal error')],
  ['cancelled', (task) => Object.assign(task, { ended: { status: 'cancelled' } })],
];

function failed(task: CallTask, message: string): void {
  task.ended = { status: 'failed', error: { code: -32_603, message } };
}

test.each(ends)('a task that ended without an answer (%s): its job is found, and not paid again', async (_, end) => {
  answersWithTasks('result');
  stage.holdJobs();
  await stage.startBot();
  const [card, task] = await inTask();
  end(task);
  stage.kubeez.platform.finishAll();
  await finished(card);
  expect([starts(), stage.paid()]).toEqual([1, 1]);
});

test.each(ends.slice(0, 2))(
  'the same (%s) where the history knows nothing of it: unclear, with Check, and not paid again',
  async (_, end) => {
    answersWithTasks('result', { historyLag: Number.POSITIVE_INFINITY });
    stage.holdJobs();
    await stage.startBot();
    const [card, task] = await inTask();
    end(task);
    await stage.inTime(stage.says(card, 'Start again'));
    expect(labels(card)).toEqual(['Check', 'Start again · new price']);
    expect([starts(), stage.paid()]).toEqual([1, 1]);
  },
);

test('a task that a server lost sight of for a while: Check finds it, and its result', async () => {
  answersWithTasks('result', { historyLag: Number.POSITIVE_INFINITY });
  stage.holdJobs();
  await stage.startBot();
  const [card, task] = await inTask();
  const { tasks } = stage.kubeez.platform;
  tasks.delete(task.id);
  await stage.inTime(stage.says(card, 'Start again'));
  tasks.set(task.id, task);
  await stage.ada.press(card, 'Check');
  await stage.saved(card, 'running');
  stage.kubeez.platform.finishAll();
  await finished(card);
  expect([starts(), stage.paid()]).toEqual([1, 1]);
});

test('a task that failed before anything was begun, as its words and the balance say: nothing was spent', async () => {
  answersWithTasks('result');
  stage.holdJobs();
  await stage.startBot();
  const [card, task] = await inTask();
  const { platform } = stage.kubeez;
  for (const job of task.jobs) platform.credits += job.cost;
  platform.jobs.clear();
  failed(task, 'Invalid parameter: prompt');
  await stage.inTime(stage.says(card, 'Nothing was spent'));
  expect([starts(), stage.paid()]).toEqual([1, 0]);
});

test('whoever lost an answer does not take the job of a task with the same words', async () => {
  answersWithTasks('result');
  stage.holdJobs();
  await stage.startBot({}, undefined, quick);
  const [first] = await inTask();
  const second = await quoted();
  stage.kubeez.faults.push({ tool: /^generate_media$/, times: 1, how: 'cut' });
  await stage.ada.press(second, 'Confirm');
  await stage.inTime(stage.says(second, 'Start again'));
  stage.kubeez.platform.finishAll();
  await finished(first);
  expect([starts(), stage.paid()]).toEqual([2, 1]);
  expect(textOf(second)).toContain('[Check]');
});
