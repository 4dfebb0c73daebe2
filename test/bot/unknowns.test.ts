import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { askAbout, linesOf, reportOf, titleOf } from '../../src/doctor/report.ts';
import { unknownNames } from '../../src/doctor/unknowns.ts';
import { generations, hasSessions, messageOf, useStage } from '../stage.ts';

const stage = useStage();

function config() {
  const parsed = parseConfig(stage.env);
  if (!parsed.ok) throw new Error(parsed.problems.join());
  return parsed.config;
}

async function lines(): Promise<string> {
  const asked = await askAbout(config());
  if (typeof asked === 'string') throw new Error(asked);
  return linesOf(asked.answers).join('\n');
}

const report = async () => reportOf(await askAbout(config()), config(), '2026-11-26').join('\n');

/** Puts another object in the place of what a tool answers. */
function answerWith(tool: RegExp, change: (answer: Record<string, unknown>) => object) {
  stage.kubeez.shapes.push({
    tool,
    shape: (message) => {
      const { content, structuredContent, ...rest } = message.result;
      const answer = change(Object(structuredContent ?? JSON.parse(Object(content)[0].text)));
      return { ...message, result: { ...rest, content: [{ type: 'text', text: JSON.stringify(answer) }] } };
    },
  });
}

test('docs/unknowns.md tells of each, in the same order', () => {
  const told = [...readFileSync('docs/unknowns.md', 'utf8').matchAll(/^\| ([^|]+) \|/gm)].map(([, title]) => title);
  expect(told.slice(2)).toEqual(unknownNames.map(titleOf));
});

test.each(generations)(
  'on the %s tools each is told in a line, and nothing is paid for or begun',
  async (generation) => {
    stage.kubeez.platform.settings.generation = generation;
    const said = await lines();
    const isNewer = generation === 'newer';
    expect(said).toContain(`· total of an estimate: called ${isNewer ? 'total_credits' : 'estimated_cost_credits'}`);
    expect(said).toContain(`· details of a price: beside the total it has model${isNewer ? ', breakdown' : ''}`);
    expect(said).toContain(isNewer ? 'get_status' : 'get_generation_status');
    expect(said).toContain(`· sessions: ${hasSessions ? 'each connection gets a session' : 'there are no sessions'}`);
    expect(said).toMatch(/· form of answers: 4 structuredContent/);
    expect(said).toMatch(/· form of refusals: marked with isError, in \w+/);
    expect(said).toContain('· history: empty');
    expect(said).toMatch(/· catalogue: \d+ models, of which \d+ can be read: \d+ video, /);
    expect(said).toContain('· captions: not asked: only a paid job tells');
    expect(said.split('\n')).toHaveLength(unknownNames.length);
    expect(stage.paid()).toBe(0);
    expect(stage.kubeez.platform.uploads.size).toBe(0);
  },
);

test('of jobs in the history it tells kinds, charges and refunds; the report has no prompt, id, address or token', async () => {
  const bot = await stage.startBot();
  for (const prompt of ['a heron at dawn', 'a doomed heron']) {
    const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt, model: 'z-image' }));
    await stage.says(card, '[Confirm ·');
    await stage.ada.press(card, 'Confirm');
    await stage.says(card, prompt.includes('doomed') ? '❌' : '✅');
  }
  await bot.stop();
  const said = await report();
  expect(said).toContain('· history: of 2 jobs 2 text-to-image; 2 of them can be read');
  expect(said).toContain('· charge of a job: named for 2 of 2 ended jobs');
  expect(said).toMatch(/· refunds: [01] of 1 failed job still cost something/);
  expect(said).toMatch(/· estimate: \{.*"estimated_cost_credits":"number"/);
  const ids = [...stage.kubeez.platform.jobs.keys(), stage.ada.user.id, stage.guild.id];
  for (const secret of ['heron', stage.env.KUBEEZ_TOKEN, stage.env.DISCORD_TOKEN, '127.0.0.1', 'http:', ...ids])
    expect(said).not.toContain(secret);
});

test('odd forms: other names, words in place of JSON, prompts and ids where words of the platform should be', async () => {
  answerWith(/^estimate/, ({ model }) => ({ model, total_cost: 7, quote_id: 'q-4711-0815' }));
  answerWith(/^get_generations$/, () => ({
    generations: [
      { id: '1', status: 'completed', generation_type: 'a prompt of Ada’s, long and personal, that nobody may read' },
      { id: '2', status: 'failed', generation_type: 'text-to-music', credits_deducted: 19 },
    ],
  }));
  const said = await report();
  expect(said).toContain('numbers are in total_cost');
  expect(said).toContain('1 …, 1 text-to-music');
  expect(said).toContain('· refunds: 1 of 1 failed job still cost something');
  expect(said).toMatch(/· form of answers: .*2 JSON in a text/);
  for (const secret of ['personal', '4711']) expect(said).not.toContain(secret);
});

test('a server that cannot be asked is told as such', async () => {
  stage.kubeez.outage.on = true;
  expect(await report()).toContain('The server could not be asked (outage).');
});
