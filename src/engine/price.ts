import type { Accounts } from '../accounts/accounts.ts';
import type { Event } from '../flows/events.ts';
import { type Flow, type Input, jobsOf } from '../flows/flow.ts';
import { recipes } from '../flows/recipes/index.ts';
import type { Catalogue } from '../kubeez/catalogue.ts';
import { KubeezError } from '../kubeez/errors.ts';
import type { Kubeez } from '../kubeez/kubeez.ts';
import type { Model } from '../kubeez/model.ts';
import { reasonOf } from './reasonOf.ts';

/**
 * Works out what a flow costs. Flat-rate models cost what the list says; all others are asked for, with what was
 * measured of the inputs (kubeez.com/docs/how-it-works).
 *
 * @param fresh the price is about to be spent: it must have been read after the quote that was confirmed
 */
export async function priceOf(
  flow: Flow,
  fresh: boolean,
  { accounts, catalogue }: { accounts: Accounts; catalogue: Catalogue },
): Promise<Event> {
  const { round } = flow;
  try {
    const kubeez = await accounts.of(flow.account);
    const { listed } = recipes[flow.recipe];
    const known = catalogue.get(flow.model.id);
    // An estimate is as fresh as can be; a price of the list must be.
    const isEstimated = known !== undefined && !listed(known);
    const [model, balance, estimated] = await Promise.all([
      isEstimated ? known : catalogue.current(flow.model.id, fresh ? (flow.quote?.at ?? 0) : 0, () => kubeez.models()),
      kubeez.balance(),
      isEstimated ? estimate(flow, known, kubeez) : undefined,
    ]);
    // A row that changed from the one to the other in between is priced at the next try.
    if (!model || (!isEstimated && !listed(model)))
      return { type: 'priceRefused', round, reason: { code: 'modelGone' } };
    const amount = Math.round((estimated ?? model.price) * jobsOf(flow) * 100) / 100;
    const basis = estimated === undefined ? 'list' : flow.readiness === 'pessimistic' ? 'pessimistic' : 'exact';
    const topUp = balance.topUp === undefined ? {} : { topUp: balance.topUp };
    return { type: 'priced', round, credits: amount, basis, balance: balance.credits, ...topUp };
  } catch (error) {
    if (!(error instanceof KubeezError)) throw error;
    const reason = error.code === 'badAnswer' ? { code: 'noPrice' as const } : reasonOf(error);
    return { type: 'priceRefused', round, reason };
  }
}

/** What one start costs; undefined where the list is to be taken. */
async function estimate(flow: Flow, model: Model, kubeez: Kubeez): Promise<number | undefined> {
  const { aspect_ratio, duration, resolution, quality, sound } = flow.options;
  const given = { aspect_ratio, duration, resolution, quality, sound };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const { generationType } = flow.model;
  try {
    return await kubeez.estimate({
      model: model.id,
      ...(generationType ? { generationType } : {}),
      options,
      videoSeconds: seconds(flow.inputs, 'video'),
      audioSeconds: seconds(flow.inputs, 'audio'),
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
