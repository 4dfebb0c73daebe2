import { payerKind } from '../accountNames.ts';
import type { Input } from '../flows/asked.ts';
import type { Flow } from '../flows/flow.ts';
import { isOwnAccount } from '../flows/payer.ts';
import { cents, type Job, type Run } from '../flows/runs.ts';
import { credits, reasonSentence } from '../flows/sentences.ts';
import { addedPictures } from '../flows/style.ts';
import type { FlowEntry } from '../guilds/entries.ts';
import { sanitise } from '../text/cut.ts';
import { allOf, size, t } from '../text/text.ts';

/**
 * The whole story of a flow as a text: who asked for what, its price, who confirmed it, what Kubeez answered to each start
 * and what the ledger has. It has no address and no token: an upload link is a key. Pure.
 *
 * @param entries what the ledger has of it, and what it holds
 * @param now milliseconds since 1970
 */
export function storyOf(flow: Flow, entries: readonly FlowEntry[], now: number): string {
  const { id, recipe, asked, runs } = flow;
  const model = asked.models.map(({ name }) => name).join(', ');
  const parts = [
    [t('story.title', { id, recipe: t(`recipe.${recipe}.title`), model }), t('story.asOf', { now: utc(now) })],
    [t('story.asked'), ...askedLines(flow)],
    [t('story.price'), ...priceLines(flow)],
    [t('story.starts'), ...runs.flatMap((run, index) => runLines(run, index + 1)), ...startLines(flow)],
    [t('story.ledger'), ...ledgerLines(entries, flow)],
    [t('story.end'), ...endLines(flow)],
  ];
  return parts.map(([head = '', ...lines]) => [head, ...lines.map((line) => `  ${line}`)].join('\n')).join('\n\n');
}

function askedLines({ requester, createdAt, clearedAt, guild, card, parent, asked }: Flow): string[] {
  const { channel, message } = card;
  const { prompt, options, inputs, attachments } = asked;
  return [
    t('story.askedBy', { person: requester, time: utc(createdAt) }),
    guild === null
      ? t('story.inDm', { channel, message: message ?? '–' })
      : t('story.inServer', { server: guild, channel, message: message ?? '–' }),
    ...(parent === null ? [] : [t('story.goesOnFrom', { parent })]),
    ...(clearedAt === null ? [] : [t('story.cleared', { time: utc(clearedAt) })]),
    ...(prompt === '' ? [] : [t('story.prompt', { prompt: inOneLine(prompt) })]),
    ...Object.entries(options).map(([name, value]) =>
      t('story.option', { name, value: inOneLine(typeof value === 'string' ? value : JSON.stringify(value)) }),
    ),
    ...[...inputs, ...attachments].map((file) => t('story.file', { facts: factsOf(file) })),
    ...addedPictures(asked).map((file) => t('story.file', { facts: factsOf({ ...file, kind: 'image' }) })),
  ];
}

const factsOf = ({ name, kind, bytes }: Pick<Input, 'name' | 'kind' | 'bytes'>) =>
  [inOneLine(name), kind, bytes === undefined ? undefined : size(bytes)].filter(Boolean).join(', ');

function priceLines(flow: Flow): string[] {
  const { account, money } = flow;
  const { quote, before, confirmed, room, charged, writtenOff } = money;
  return [
    t('story.account', { payer: payerKind(account), server: account, person: flow.requester }),
    ...(before === null ? [] : [t('story.before', { credits: before })]),
    quote
      ? isOwnAccount(flow)
        ? t('story.quoteOwn', { credits: quote.credits, basis: quote.basis, time: utc(quote.at) })
        : t('story.quote', { credits: quote.credits, basis: quote.basis, balance: quote.balance, time: utc(quote.at) })
      : t('story.noQuote'),
    ...(room ? [t('story.room', { limit: room.limit, used: room.used, credits: room.credits })] : []),
    confirmed
      ? t('story.confirmed', { person: confirmed.by, credits: confirmed.credits, time: utc(confirmed.at) })
      : t('story.notConfirmed'),
    ...(charged === null ? [] : [t('story.charged', { credits: charged })]),
    ...(writtenOff > 0 ? [t('story.writtenOff', { credits: writtenOff })] : []),
  ];
}

function runLines(run: Run, number: number): string[] {
  const { model, seed, call, state } = run;
  const facts = [
    model,
    seed === null ? undefined : t('setting.seed', { seed: String(seed) }),
    run.credits === null ? undefined : credits(run.credits),
  ];
  return [
    t('story.run', { number, facts: facts.filter(Boolean).join(', '), call, state }),
    ...(run.state === 'job' ? jobLines(run.job).map((line) => `  ${line}`) : []),
  ];
}

function jobLines({ id, status, outputs, error, charged, overAt }: Job): string[] {
  return [
    t('story.job', { id, status, count: outputs.length }),
    ...(overAt === null ? [] : [t('story.overAt', { time: utc(overAt) })]),
    charged === null ? t('story.jobChargeUnknown') : t('story.jobCharged', { credits: charged }),
    ...(error === null ? [] : [t('story.jobError', { words: withoutLinks(error) })]),
  ];
}

/** What is known of the calls, beside their jobs. */
function startLines({ money: { heldAt }, wait, shown }: Flow): string[] {
  const { submittedAt, running, answer, lookUps } = wait;
  return [
    ...(heldAt === null ? [] : [t('story.heldAt', { time: utc(heldAt) })]),
    ...(submittedAt === null ? [] : [t('story.submittedAt', { time: utc(submittedAt) })]),
    ...(answer === 'lost' ? [t('story.answerLost', { count: lookUps })] : []),
    ...(running === null ? [] : [t('story.runningSince', { time: utc(running.since) })]),
    ...(shown.note === null ? [] : [t('story.note', { words: withoutLinks(shown.note) })]),
  ];
}

function ledgerLines(entries: readonly FlowEntry[], { guild }: Flow): string[] {
  if (entries.length === 0) return [guild === null ? t('story.noLedger') : t('story.noEntries')];
  const sorted = [...entries].sort((a, b) => a.at - b.at || a.run - b.run);
  return sorted.map(({ run, state, credits, at, person, channel, job }) =>
    t('story.entry', {
      number: run + 1,
      state,
      credits: cents(credits),
      time: utc(at),
      person,
      channel,
      job: job ?? '–',
    }),
  );
}

function endLines(flow: Flow): string[] {
  const { stage, endedAt, shown } = flow;
  return [
    endedAt === null ? t('story.stage', { stage }) : t('story.endedAt', { stage, time: utc(endedAt) }),
    ...provenance(flow),
    ...(shown.reason ? [asText(reasonSentence(shown.reason, flow))] : []),
    ...shown.results.map(({ name, as }) => t('story.result', { name: inOneLine(name), as })),
    ...(shown.deletedAt === null ? [] : [t('story.deletedAt', { time: utc(shown.deletedAt) })]),
  ];
}

/** Whoever passes a result on can pass this on with it. */
function provenance({ stage, endedAt, requester, asked }: Flow): string[] {
  if (stage !== 'delivered' || endedAt === null) return [];
  const model = allOf(asked.models.map(({ name }) => inOneLine(name)));
  return [t('story.madeWithAi', { model, person: requester, time: utc(endedAt) })];
}

const utc = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

const inOneLine = (text: string) => sanitise(text).replace(/\s+/g, ' ').trim();

/** What the platform says may name an address that is a key. */
const withoutLinks = (text: string) => inOneLine(text).replace(/https?:\/\/[^\s"'<>)]+/g, '[link]');

/** A sentence without what only Discord's messages can show. */
const asText = (sentence: string) =>
  withoutLinks(sentence)
    .replace(/<t:(\d+):\w>/g, (_, seconds) => utc(Number(seconds) * 1000))
    .replace(/\*\*|`/g, '')
    .replace(/\\([^\w\s])/g, '$1');
