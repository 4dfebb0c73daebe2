import type { Catalogue } from '../kubeez/catalogue.ts';
import { KubeezError } from '../kubeez/errors.ts';
import type { Kubeez } from '../kubeez/kubeez.ts';
import { isFlatRate } from '../kubeez/model.ts';
import type { Event } from './events.ts';
import type { Flow, Input } from './flow.ts';
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
  { kubeez, catalogue }: { kubeez: Kubeez; catalogue: Catalogue },
): Promise<Event> {
  const { round } = flow;
  try {
    const [model, balance] = await Promise.all([
      catalogue.current(flow.model.id, fresh ? (flow.quote?.at ?? 0) : 0),
      kubeez.balance(),
    ]);
    if (!model) return { type: 'priceRefused', round, reason: { code: 'modelGone' } };
    const flat = isFlatRate(model);
    const amount = flat ? model.price : await estimate(flow, kubeez);
    const basis = flat ? 'list' : flow.readiness === 'pessimistic' ? 'pessimistic' : 'exact';
    const topUp = balance.topUp === undefined ? {} : { topUp: balance.topUp };
    return { type: 'priced', round, credits: amount, basis, balance: balance.credits, ...topUp };
  } catch (error) {
    if (!(error instanceof KubeezError)) throw error;
    const reason = error.code === 'badAnswer' ? { code: 'noPrice' as const } : reasonOf(error);
    return { type: 'priceRefused', round, reason };
  }
}

function estimate(flow: Flow, kubeez: Kubeez): Promise<number> {
  const { seed: _, negative_prompt: __, ...options } = flow.options;
  return kubeez.estimate({
    model: flow.model.id,
    generationType: flow.model.generationType,
    options,
    videoSeconds: seconds(flow.inputs, 'video'),
    audioSeconds: seconds(flow.inputs, 'audio'),
  });
}

const seconds = (inputs: Input[], kind: Input['kind']) =>
  inputs.filter((input) => input.kind === kind).reduce((sum, input) => sum + (input.seconds ?? 0), 0);
