import type { ModalSubmitInteraction } from 'discord.js';
import { type RecipeName, recipes } from '../../flows/recipes/index.ts';
import { type DefaultName, type Defaults, defaultNames } from '../../guilds/defaults.ts';
import type { Model } from '../../kubeez/model.ts';
import { type Field, picked, written } from '../../requests/forms.ts';
import { canDefault, isSameValue, valuesOf } from '../../requests/options.ts';
import { ok, type Result, refuse } from '../../requests/request.ts';
import { acceptedBy } from '../../requests/takenModel.ts';
import { brief, cut, plain, sanitise } from '../../text/cut.ts';
import { t } from '../../text/text.ts';

/** The default options of a kind, for a server or a channel: as a line, in a form, and as they are read of it. */

/** What is chosen, in one line; undefined where nothing is. */
export function optionsLine({ duration, resolution, quality, sound }: Defaults = {}): string | undefined {
  const typed = [duration, resolution, quality].flatMap((value) => (value === undefined ? [] : [brief(value)]));
  const heard = sound === undefined ? [] : [t(sound ? 'setting.withSound' : 'setting.silent')];
  const chosen = [...typed, ...heard];
  return chosen.length === 0 ? undefined : chosen.join(' · ');
}

/** The options that some model of this kind leaves open. */
export function optionsOf(name: RecipeName, models: readonly Model[]): DefaultName[] {
  const fitting = fittingModels(name, models);
  return defaultNames.filter((option) => fitting.some(({ model, kinds }) => canDefault(model, option, kinds)));
}

/** A field for each of them, as it is now. */
export const optionFields = (name: RecipeName, now: Defaults, models: readonly Model[]): Field[] =>
  optionsOf(name, models).map((option): Field => {
    const label = t(`field.${option}`);
    if (option !== 'sound') {
      const value = now[option] ?? '';
      const description = t('hint.defaultOption');
      return { kind: 'text', id: option, most: 20, value, required: false, label, description };
    }
    const { sound } = now;
    const isUsual = { none: sound === undefined, yes: sound === true, no: sound === false };
    const choices = (['none', 'yes', 'no'] as const).map((value) => ({
      value,
      label: t(`choice.sound.${value}`),
      isUsual: isUsual[value],
    }));
    return { kind: 'pick', id: option, label, choices };
  });

/** What somebody wrote into those fields; what was not asked for stays as it was. */
export function readOptions(
  interaction: ModalSubmitInteraction,
  name: RecipeName,
  before: Defaults,
  models: readonly Model[],
): Result<Defaults> {
  let after = before;
  for (const option of optionsOf(name, models)) {
    const { [option]: _, ...others } = after;
    after = others;
    if (option === 'sound') {
      const answer = picked(interaction, option);
      if (answer === 'yes' || answer === 'no') after = { ...after, sound: answer === 'yes' };
      continue;
    }
    const typed = sanitise(written(interaction, option)).trim();
    if (typed === '') continue;
    const known = valuesFor(name, option, models);
    const value = known.find((one) => isSameValue(one, typed));
    if (value === undefined)
      return refuse(
        t('settings.badOption', {
          command: name,
          option: t(`field.${option}`),
          typed: plain(cut(typed, 40)),
          values: plain(cut(known.join(', '), 500)),
        }),
      );
    after = { ...after, [option]: value };
  }
  return ok(after);
}

/** Everything that models of a kind offer for an option, from small to large. */
const valuesFor = (name: RecipeName, option: DefaultName, models: readonly Model[]): string[] => {
  const values = fittingModels(name, models).flatMap(({ model, kinds }) => valuesOf(model, option, kinds));
  return [...new Set(values)].sort(new Intl.Collator('en', { numeric: true }).compare);
};

const fittingModels = (name: RecipeName, models: readonly Model[]) =>
  acceptedBy(recipes[name], models).map((model) => ({
    model,
    kinds: recipes[name].needs(model).flatMap((need) => need.kinds),
  }));
