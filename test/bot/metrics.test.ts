import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../playground/freePort.ts';
import { everyShard } from '../../src/state/lease.ts';
import { SqliteLease } from '../../src/state/sqliteLease.ts';
import { idIn, messageOf, useStage } from '../stage.ts';

const stage = useStage();

interface Page {
  status: number;
  text: string;
}

/** The bot with a port, and what it answers there. */
async function startWatched(env: Record<string, string> = {}): Promise<(path: string) => Promise<Page>> {
  const port = await freePort();
  await stage.startBot({ HTTP_PORT: String(port), ...env });
  return (path) => pageAt(port, path);
}

async function pageAt(port: number, path: string): Promise<Page> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: answer.status, text: await answer.text() };
}

/** What is said there, as status and text. */
const saidAt = (port: number) => async (path: string) => {
  const { status, text } = await pageAt(port, path);
  return [status, text];
};

/** The figures on the page of metrics, by name and labels as they stand there. */
const read = ({ text }: Page) =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );

test('a bot that made a picture tells of it, and of no person, server, channel or flow', async () => {
  const get = await startWatched();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.says(card, '[Confirm ·');
  const quoted = read(await get('/metrics'));
  expect(quoted['kubeez_discord_flows{stage="quoted"}']).toBe(1);
  expect(quoted.kubeez_discord_confirmed_runs_total).toBe(0);
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, '✅');
  await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'no such model' });
  const [file] = card.attachments;
  await expect
    .poll(async () => read(await get('/metrics')))
    .toMatchObject({
      'kubeez_discord_interactions_total{kind="command",name="image",outcome="answered"}': 1,
      'kubeez_discord_interactions_total{kind="press",name="flow:confirm",outcome="answered"}': 1,
      'kubeez_discord_interactions_total{kind="command",name="image",outcome="refused"}': 1,
      kubeez_discord_acknowledge_seconds_count: 3,
      'kubeez_discord_flows{stage="quoted"}': 0,
      'kubeez_discord_flows{stage="running"}': 0,
      'kubeez_discord_flows_ended_total{stage="delivered"}': 1,
      'kubeez_discord_paid_calls_total{outcome="accepted"}': 1,
      'kubeez_discord_paid_calls_total{outcome="refused"}': 0,
      'kubeez_discord_paid_calls_total{outcome="lost"}': 0,
      kubeez_discord_confirmed_runs_total: 1,
      kubeez_discord_unclear_runs: 0,
      'kubeez_discord_account_starts_left{pool="media"}': 29,
      kubeez_discord_delivered_bytes_total: file?.size,
      'kubeez_discord_gateway_shards{state="wanted"}': 1,
      'kubeez_discord_gateway_shards{state="connected"}': 1,
      kubeez_discord_lease_held: 1,
      'kubeez_discord_ledger_mismatch_credits_total{found_by="balance"}': 0,
      'kubeez_discord_ledger_mismatch_credits_total{found_by="record"}': 0,
    });
  const page = await get('/metrics');
  const figures = read(page);
  expect(figures.kubeez_discord_job_lag_seconds_count).toBeGreaterThan(0);
  expect(figures.kubeez_discord_account_reads_left).toBeLessThan(10_000);
  expect(figures['kubeez_discord_store_seconds_count{operation="read"}']).toBeGreaterThan(0);
  expect(figures['kubeez_discord_store_seconds_count{operation="write"}']).toBeGreaterThan(0);
  expect(figures.process_resident_memory_bytes).toBeGreaterThan(1_000_000);
  for (const name of [stage.guild.id, stage.channel.id, stage.ada.user.id, idIn(card), 'Ada', 'fox'])
    expect(page.text).not.toContain(name);
});

test('a start whose answer was lost is unclear until somebody finds its job', async () => {
  const get = await startWatched();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.says(card, '[Confirm ·');
  stage.kubeez.faults.push({ tool: /^generate_media$/, how: 'lost', times: 1 });
  stage.kubeez.platform.settings.historyLag = 3_600_000;
  await stage.ada.press(card, 'Confirm');
  await stage.inTime(stage.says(card, '[Check'));
  expect(read(await get('/metrics'))).toMatchObject({
    'kubeez_discord_paid_calls_total{outcome="lost"}': 1,
    'kubeez_discord_flows_ended_total{stage="unclear"}': 1,
    kubeez_discord_unclear_runs: 1,
  });
  stage.kubeez.platform.settings.historyLag = 0;
  await stage.ada.press(card, 'Check');
  await stage.inTime(stage.says(card, '✅'));
  await expect.poll(async () => read(await get('/metrics')).kubeez_discord_unclear_runs).toBe(0);
});

test('an answer that Discord does not take failed, and what Kubeez took too much is no secret', async () => {
  const get = await startWatched();
  stage.discord.api.faults.push({ match: /^POST .+callback/, answer: 404, times: 1 });
  await stage.ada.command(stage.channel, 'help', {}).catch(() => undefined);
  stage.kubeez.platform.settings.said = (answer) => ({ ...answer, credits_deducted: 100 });
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'nano-banana' }));
  await stage.says(card, '[Confirm · 7');
  await stage.ada.press(card, 'Confirm');
  await stage.says(card, '✅');
  await expect
    .poll(async () => read(await get('/metrics')))
    .toMatchObject({
      'kubeez_discord_interactions_total{kind="command",name="help",outcome="failed"}': 1,
      'kubeez_discord_ledger_mismatch_credits_total{found_by="record"}': 93,
    });
});

test('what was confirmed before a start counts as confirmed after it', async () => {
  stage.holdJobs();
  const before = await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.says(card, '[Confirm ·');
  stage.kubeez.outage.on = true;
  await stage.ada.press(card, 'Confirm');
  await stage.saved(card, 'quoting');
  await before.stop();
  stage.kubeez.outage.on = false;
  const get = await startWatched();
  await stage.inTime(stage.job());
  const figures = read(await get('/metrics'));
  expect(figures['kubeez_discord_paid_calls_total{outcome="accepted"}']).toBe(1);
  expect(figures.kubeez_discord_confirmed_runs_total).toBe(1);
});

test('the pages for supervisors: alive, ready or why not, and the old one', async () => {
  const get = await startWatched();
  const ok = { status: 200, text: 'ok\n' };
  for (const path of ['/health', '/healthz', '/readyz']) expect(await get(path), path).toEqual(ok);
  expect((await get('/other')).status).toBe(404);
  stage.query('ALTER TABLE records RENAME TO away');
  expect(await get('/readyz')).toEqual({ status: 503, text: 'store\n' });
  stage.query('ALTER TABLE away RENAME TO records');
  expect(await get('/readyz')).toEqual(ok);
  stage.discord.gateway.held = [];
  stage.discord.gateway.drop();
  await expect.poll(() => get('/readyz')).toEqual({ status: 503, text: 'gateway\n' });
  expect(await get('/healthz')).toEqual(ok);
  expect(read(await get('/metrics'))['kubeez_discord_gateway_shards{state="connected"}']).toBe(0);
  // Whoever deletes the file takes the lease from everybody.
  const file = String(stage.env.STATE_URL).replace('sqlite:', '');
  rmSync(`${file}.lock`);
  const other = new SqliteLease(file, everyShard, () => {});
  onTestFinished(() => other.release());
  await other.take();
  expect(await get('/readyz')).toEqual({ status: 503, text: 'lease\n' });
  expect(read(await get('/metrics')).kubeez_discord_lease_held).toBe(0);
});

test('a process that waits for another says that it is alive and only starting', async () => {
  const first = await stage.startBot();
  const port = await freePort();
  const signIns = { STATE_KEY: randomBytes(32).toString('base64'), PUBLIC_URL: 'https://bot.example' };
  const second = stage.startBot({ HTTP_PORT: String(port), ...signIns });
  const get = saidAt(port);
  await stage.discord.world.until(() => stage.log.join('').includes('waiting for it'), 'a line of the log');
  expect(await get('/healthz')).toEqual([200, 'ok\n']);
  expect(await get('/health')).toEqual([503, 'no\n']);
  expect(await get('/readyz')).toEqual([503, 'starting\n']);
  expect(await get('/metrics')).toEqual([503, 'starting\n']);
  expect((await get('/oauth/callback'))[0]).toBe(503);
  // Who the bot is does not depend on which process acts: a server may ask while sign-ins are renewed elsewhere.
  expect((await get('/oauth/client.json'))[0]).toBe(200);
  await first.stop();
  await second;
  expect(await get('/readyz')).toEqual([200, 'ok\n']);
});

test('a spare says that it is ready to take over', async () => {
  const shards = { SHARDS: 'auto', SHARD_COUNT: '1' };
  const first = await stage.startBot(shards);
  const port = await freePort();
  const spare = stage.startBot({ ...shards, HTTP_PORT: String(port) }, undefined, 0.3);
  const get = saidAt(port);
  await stage.discord.world.until(() => stage.log.join('').includes('waiting until one is free'), 'a line of the log');
  expect(await get('/healthz')).toEqual([200, 'ok\n']);
  expect(await get('/health')).toEqual([200, 'spare\n']);
  expect(await get('/readyz')).toEqual([200, 'spare\n']);
  expect((await get('/oauth/callback'))[0]).toBe(503);
  await first.stop();
  await spare;
  expect(await get('/readyz')).toEqual([200, 'ok\n']);
});
