import type { Flow } from '../flows/flow.ts';
import type { Model } from '../kubeez/model.ts';
import { allowed } from './options.ts';
import { cheaperModels } from './otherModels.ts';

/**
 * Models that an approver can offer: cheaper ones that take the same options, because whoever takes an offer has chosen
 * those. Pure.
 */
export function offerable(flow: Flow, all: readonly Model[]): Model[] {
  const { aspect_ratio, duration, resolution, quality, sound } = flow.asked.options;
  const chosen = Object.entries({ aspect: aspect_ratio, duration, resolution, quality });
  return cheaperModels(flow, all).filter(
    (model) =>
      chosen.every(([option, value]) => value === undefined || allowed(model, option).includes(value)) &&
      (sound !== true || model.sound === 'toggle'),
  );
}
