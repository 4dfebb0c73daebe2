import { fitChoices, type NamedValue } from '../discord/choices.ts';
import type { Model } from '../kubeez/model.ts';
import { cut, isBlank } from '../text/cut.ts';
import { limits } from '../text/limits.ts';
import { t } from '../text/text.ts';

/** Made once: every command without a model compares a hundred names, and `localeCompare` takes several times as long. */
const byName = new Intl.Collator();

/**
 * How well a typed text matches a name: 0 equal, 1 its beginning, 2 the beginning of a word, 3 anywhere; undefined: not
 * at all.
 */
function closeness(typed: string, ...names: string[]): number | undefined {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return 1;
  const fits = names.map((raw) => {
    const name = raw.toLowerCase();
    if (name === wanted) return 0;
    if (name.startsWith(wanted)) return 1;
    if (name.split(/[^\p{L}\p{N}.]+/u).some((word) => word.startsWith(wanted))) return 2;
    return wanted.split(/\s+/).every((word) => name.includes(word)) ? 3 : undefined;
  });
  return fits.filter((one) => one !== undefined).sort()[0];
}

/** Models that fit what was typed, best first: by fit, then by uses in this server, then cheapest, then by name. */
export function rankModels(models: readonly Model[], typed: string, uses: ReadonlyMap<string, number>): Model[] {
  return models
    .flatMap((model) => {
      const rank = closeness(typed, model.name, model.id);
      return rank === undefined ? [] : [{ model, rank, used: uses.get(model.id) ?? 0 }];
    })
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        b.used - a.used ||
        a.model.price - b.model.price ||
        byName.compare(a.model.name, b.model.name),
    )
    .map(({ model }) => model);
}

/** Models as autocomplete shows them: name, price and usual time; at most 25. */
export function modelChoices(models: readonly Model[]): NamedValue[] {
  const choices = models.map((model) => {
    const facts = { credits: model.price, seconds: Math.round(model.seconds) };
    const name = isBlank(model.name) ? model.id : model.name;
    const rest = t('choice.model', { shortName: '', ...facts }).length;
    return { name: t('choice.model', { shortName: cut(name, limits.choiceName - rest), ...facts }), value: model.id };
  });
  return fitChoices(choices);
}

/** Values of an option that fit what was typed; at most 25. */
export const valueChoices = (values: string[], typed: string): NamedValue[] =>
  choicesThatFit(
    values.map((value) => ({ name: value, value })),
    typed,
  );

/** Choices whose name or value fits what was typed; at most 25. */
export const choicesThatFit = (choices: NamedValue[], typed: string): NamedValue[] =>
  fitChoices(choices.filter(({ name, value }) => closeness(typed, name, value) !== undefined));
