import type { Accounts } from '../accounts/accounts.ts';
import type { Clock } from '../clock.ts';
import type { Messages } from '../discord/messages.ts';
import type { AskedModel, Input } from '../flows/asked.ts';
import { change } from '../flows/change.ts';
import type { Event } from '../flows/events.ts';
import type { Flow } from '../flows/flow.ts';
import { recipes } from '../flows/recipes/index.ts';
import { cents } from '../flows/runs.ts';
import { sentGenerationType } from '../flows/style.ts';
import type { Gate } from '../guilds/gate.ts';
import type { SpendLimits } from '../guilds/spendLimits.ts';
import type { Catalogue } from '../kubeez/catalogue.ts';
import { KubeezError } from '../kubeez/errors.ts';
import type { Kubeez } from '../kubeez/kubeez.ts';
import type { Model } from '../kubeez/model.ts';
import { reasonOf } from './reasonOf.ts';
import { readPictures } from './stylePictures.ts';

/**
 * Works out what one run of each of a flow's models costs. Flat-rate models cost what the list says; all others are asked
 * for, with what was measured of the inputs (kubeez.com/docs/how-it-works). What the rules of the server do not allow has
 * no price. It is that of the account that would pay now, whichever did when it was read before, and of the pictures of its
 * style that are there now. Undefined while Discord does not say which: it is asked for again a little later.
 *
 * @param fresh true when the price is about to be spent: it must then have been read after the quote that was confirmed
 */
export async function priceOf(
  asked: Flow,
  fresh: boolean,
  {
    accounts,
    catalogue,
    spendLimits,
    gate,
    messages,
    clock,
  }: {
    accounts: Accounts;
    catalogue: Catalogue;
    spendLimits: Pick<SpendLimits, 'room'>;
    gate: Pick<Gate, 'mayGoOn'>;
    messages: Pick<Messages, 'files'>;
    clock: Pick<Clock, 'now'>;
  },
): Promise<Event | undefined> {
  const { round, quote } = asked.money;
  const payer = await accounts.payerFor(asked.guild, asked.requester);
  // Where nobody pays any more, the account that did says why not.
  const paid = payer ? { ...asked, account: payer.account, connectedAt: payer.connectedAt } : asked;
  const verdict = await gate.mayGoOn(paid);
  if (verdict.is === 'refused') return { type: 'priceRefused', round, reason: verdict.reason };
  const pictures = await readPictures(paid.asked, messages, clock.now());
  if (pictures === undefined) return undefined;
  const { style } = paid.asked;
  const flow = style ? change(paid, { asked: { style: { ...style, pictures } } }) : paid;
  try {
    const kubeez = payer?.kubeez ?? (await accounts.of(flow.account));
    const since = fresh ? (quote?.at ?? 0) : 0;
    const [prices, balance, room] = await Promise.all([
      Promise.all(flow.asked.models.map((model) => priceOfModel(flow, model, since, kubeez, catalogue))),
      kubeez.balance(),
      spendLimits.room(flow),
    ]);
    const known = prices.flatMap((price) => price ?? []);
    if (known.length < prices.length) return { type: 'priceRefused', round, reason: { code: 'modelGone' } };
    const isList = known.every(({ isEstimate }) => !isEstimate);
    const basis = isList ? 'list' : flow.upload.readiness === 'pessimistic' ? 'pessimistic' : 'exact';
    const topUp = balance.topUp === undefined ? {} : { topUp: balance.topUp };
    const byModel = Object.fromEntries(known.map(({ model, credits }) => [model, credits]));
    const isSame = flow.account === asked.account && flow.connectedAt === asked.connectedAt;
    const paidBy = isSame ? {} : { payer: { account: flow.account, connectedAt: flow.connectedAt } };
    const limited = room === null ? {} : { room };
    const price = cents(flow.runs.reduce((sum, { model }) => sum + (byModel[model] ?? 0), 0));
    const priced = await gate.mayGoOn(flow, price);
    if (priced.is === 'refused') return { type: 'priceRefused', round, reason: priced.reason };
    const hold = priced.is === 'held' ? { hold: priced.rule } : {};
    const found = style === null ? {} : { pictures };
    const facts = { ...found, ...topUp, ...limited, ...hold, ...paidBy };
    return { type: 'priced', round, prices: byModel, basis, balance: balance.credits, ...facts };
  } catch (error) {
    if (!(error instanceof KubeezError)) throw error;
    const reason = error.code === 'badAnswer' ? { code: 'noPrice' as const } : reasonOf(error);
    return { type: 'priceRefused', round, reason };
  }
}

interface Price {
  /** The model's id. */
  model: string;
  credits: number;
  isEstimate: boolean;
}

/**
 * What one run of a model costs; undefined where the catalogue no longer has the model. `since`: a list price must not
 * be older than this.
 */
async function priceOfModel(
  flow: Flow,
  asked: AskedModel,
  since: number,
  kubeez: Kubeez,
  catalogue: Catalogue,
): Promise<Price | undefined> {
  const { listed } = recipes[flow.recipe];
  const { id } = asked;
  const known = catalogue.get(id);
  if (known && !listed(known)) {
    // An estimate is as fresh as can be; a price of the list must be.
    const credits = await estimate(flow, asked, known, kubeez);
    return { model: id, credits: credits ?? known.price, isEstimate: credits !== undefined };
  }
  const model = await catalogue.current(id, since, () => kubeez.models());
  // A row that changed from the one to the other in between is priced at the next try.
  return model && listed(model) ? { model: id, credits: model.price, isEstimate: false } : undefined;
}

/** What the estimate tool says one run costs; undefined where the list price counts. */
async function estimate(flow: Flow, asked: AskedModel, model: Model, kubeez: Kubeez): Promise<number | undefined> {
  const { aspect_ratio, duration, resolution, quality, sound } = flow.asked.options;
  const given = { aspect_ratio, duration, resolution, quality, sound };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const generationType = sentGenerationType(flow.asked, asked);
  try {
    return await kubeez.estimate({
      model: model.id,
      ...(generationType ? { generationType } : {}),
      options,
      videoSeconds: seconds(flow.asked.inputs, 'video'),
      audioSeconds: seconds(flow.asked.inputs, 'audio'),
    });
  } catch (error) {
    // Songs and speech have one price (kubeez.com/docs/how-it-works), so a server may have no estimate for them.
    const isFlat = ['music', 'speech'].includes(recipes[flow.recipe].pool);
    if (isFlat && error instanceof KubeezError && error.code === 'invalid') return undefined;
    throw error;
  }
}

const seconds = (inputs: Input[], kind: Input['kind']) =>
  inputs.filter((input) => input.kind === kind).reduce((sum, input) => sum + (input.seconds ?? 0), 0);
