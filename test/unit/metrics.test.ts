import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { step } from '../../src/flows/step.ts';
import { Metrics } from '../../src/metrics.ts';
import { someFailedFlow, someFlow, someQuote } from '../flows.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const metrics = new Metrics({
  clock: { now: Date.now, wakeAt: () => () => {} },
  names: () => [],
  watched: {
    shards: () => ({ all: 1, connected: 1 }),
    isLeaseHeld: async () => true,
    readsLeft: () => 118,
    startsLeft: () => ({ media: 30 }),
  },
});
let served: { name: string; type: string }[] = [];

beforeAll(async () => {
  const types = (await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm);
  served = [...types].map(([, name = '', type = '']) => ({ name, type }));
});

test('credits that the balance shows as given back, and the ledger counts, are a mismatch', async () => {
  const failed = someFailedFlow();
  const event = { type: 'refundChecked' as const, isUncharged: false, refund: 'cameBack' as const };
  const found = step(failed, event, 2).flow;
  metrics.onSaved(failed, found, event);
  // Told once, whatever happens to the flow later.
  metrics.onSaved(found, found, { type: 'resumed' });
  expect(await metrics.text()).toContain('ledger_mismatch_credits_total{found_by="balance"} 7\n');
});

test('a start that a kill cut off counts as confirmed: found to be refused, it is made again', async () => {
  const [run] = someFlow().runs;
  if (!run) throw new Error('no run');
  const cutOff = someFlow({
    stage: 'submitting',
    runs: [{ ...run, state: 'begun' }],
    money: { quote: someQuote, confirmed: { by: '1000', credits: 7, at: 1 } },
  });
  metrics.onSaved(cutOff, cutOff, { type: 'resumed' });
  metrics.onSaved(cutOff, cutOff, { type: 'woke' });
  expect(await metrics.text()).toContain('confirmed_runs_total 1\n');
});

test.each(['deploy/alerts.yaml', 'deploy/grafana.json'])('every metric that %s names is served', (file) => {
  const known = served.flatMap(({ name, type }) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name],
  );
  const named = new Set(read(file).match(/\b(?:kubeez_discord|process)_[a-z_]+/g));
  expect(named.size).toBeGreaterThan(5);
  expect([...named].filter((name) => !known.includes(name))).toEqual([]);
});

test('the dashboard shows every metric', () => {
  const dashboard = read('deploy/grafana.json');
  expect(served.map(({ name }) => name).filter((name) => !dashboard.includes(name))).toEqual([
    'process_start_time_seconds',
  ]);
});

test('docs/operations.md says what each metric is, and names each alert', () => {
  const page = read('docs/operations.md');
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, name, type]) => ({ name, type }));
  expect(rows).toEqual(served);
  const alerts = [...read('deploy/alerts.yaml').matchAll(/alert: (\w+)/g)].map(([, name]) => `\`${name}\``);
  expect(alerts).toHaveLength(6);
  expect(alerts.filter((name) => !page.includes(name))).toEqual([]);
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe.skipIf(!hasPromtool)('promtool (apt-get install prometheus)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeez-alerts-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const promtool = (args: string[], input?: string) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  };
  /** A file of rules or of tests for them. */
  const write = (name: string, content: object) => {
    const file = join(folder, name);
    writeFileSync(file, stringify(content));
    return file;
  };

  test('finds nothing in the alerts, and in what is served', async () => {
    expect(promtool(['check', 'rules', 'deploy/alerts.yaml'])).toMatchObject({ status: 0 });
    expect(promtool(['check', 'metrics'], await metrics.text())).toEqual({ status: 0, said: '' });
  });

  test('can read each expression of the dashboard', () => {
    const { panels } = z
      .object({ panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })) })) })
      .parse(JSON.parse(read('deploy/grafana.json')));
    const rules = panels
      .flatMap(({ targets }) => targets)
      .map(({ expr }, index) => ({ record: `panel${index}`, expr: expr.replaceAll('$__rate_interval', '5m') }));
    expect(rules.length).toBeGreaterThan(15);
    expect(promtool(['check', 'rules', write('panels.yaml', { groups: [{ name: 'panels', rules }] })])).toMatchObject({
      status: 0,
    });
  });

  /** What alerts are on after 30 minutes with these figures. */
  const series = (text: string, values: string) => ({ series: `kubeez_discord_${text}`, values });
  const labels = 'instance="bot:3000", job="bot"';
  test.each([
    ['KubeezBotUnclear', [series(`unclear_runs{${labels}}`, '1x30')]],
    ['KubeezBotLedgerMismatch', [series(`ledger_mismatch_credits_total{found_by="record", ${labels}}`, '0.5x30')]],
    ['KubeezBotLeaseLost', [series(`lease_held{${labels}}`, '1 1 0x28')]],
    [
      'KubeezBotPaidUnconfirmed',
      [
        series(`paid_calls_total{outcome="accepted", ${labels}}`, '5x30'),
        series(`confirmed_runs_total{${labels}}`, '4x30'),
      ],
    ],
    [
      'KubeezBotGatewayDown',
      [
        series(`gateway_shards{state="connected", ${labels}}`, '1x30'),
        series(`gateway_shards{state="wanted", ${labels}}`, '2x30'),
      ],
    ],
    [
      'KubeezBotSlowAnswers',
      [
        series(`acknowledge_seconds_bucket{le="2", ${labels}}`, '0+9x30'),
        series(`acknowledge_seconds_bucket{le="3", ${labels}}`, '0+10x30'),
        series(`acknowledge_seconds_bucket{le="+Inf", ${labels}}`, '0+10x30'),
      ],
    ],
  ])('%s goes off, and no other', (name, input_series) => {
    const names = [...read('deploy/alerts.yaml').matchAll(/alert: (\w+)/g)].map(([, alert]) => alert);
    const tests = {
      rule_files: [join(process.cwd(), 'deploy/alerts.yaml')],
      tests: [
        {
          interval: '1m',
          input_series,
          promql_expr_test: names.map((alertname) => ({
            expr: `count(ALERTS{alertname="${alertname}", alertstate="firing"})`,
            eval_time: '25m',
            exp_samples: alertname === name ? [{ labels: '{}', value: 1 }] : [],
          })),
        },
      ],
    };
    expect(promtool(['test', 'rules', write(`${name}.yaml`, tests)])).toMatchObject({ status: 0 });
  });

  test('no alert goes off while all is well', () => {
    const tests = {
      rule_files: [join(process.cwd(), 'deploy/alerts.yaml')],
      tests: [
        {
          interval: '1m',
          input_series: [
            series(`unclear_runs{${labels}}`, '0x30'),
            series(`ledger_mismatch_credits_total{found_by="balance", ${labels}}`, '0x30'),
            series(`lease_held{${labels}}`, '1x30'),
            series(`paid_calls_total{outcome="accepted", ${labels}}`, '4x30'),
            series(`confirmed_runs_total{${labels}}`, '4x30'),
            series(`gateway_shards{state="connected", ${labels}}`, '2x30'),
            series(`gateway_shards{state="wanted", ${labels}}`, '2x30'),
          ],
          promql_expr_test: [{ expr: 'count(ALERTS)', eval_time: '25m', exp_samples: [] }],
        },
      ],
    };
    expect(promtool(['test', 'rules', write('well.yaml', tests)])).toMatchObject({ status: 0 });
  });
});
