import type { ModalSubmitInteraction } from 'discord.js';
import { writeControlId } from '../../discord/customId.ts';
import { type RecipeName, recipes } from '../../flows/recipes/index.ts';
import type { Defaults } from '../../guilds/defaults.ts';
import { timeZoneNamed } from '../../guilds/period.ts';
import type { Rules, Settings } from '../../guilds/settings.ts';
import type { Model } from '../../kubeez/model.ts';
import { form, picked, written } from '../../requests/forms.ts';
import { isSameValue } from '../../requests/options.ts';
import { rankModels } from '../../requests/ranking.ts';
import { findModel, ok, type Result, refuse } from '../../requests/request.ts';
import { modelsFor } from '../../requests/takenModel.ts';
import { brief, cut, plain } from '../../text/cut.ts';
import { anyOf, t } from '../../text/text.ts';
import { optionFields } from './defaultOptions.ts';

/** The forms of `/settings`, and what is read of them. */

const mostFlows = 100;
/** Seconds: a day. */
const longestPause = 86_400;
/** Days: ten years. */
const longestRetention = 3_650;

/** Numbers and times, as they are now. */
export function numbersForm({ rules, timeZone }: Pick<Settings, 'rules' | 'timeZone'>) {
  const { maxFlows, cooldown, mentions, retention } = rules;
  const isOn = mentions ? 'yes' : 'no';
  return form(writeControlId('settings', 'numbers'), t('form.settings'), [
    {
      ...optional('maxFlows', 3, maxFlows === null ? '' : String(maxFlows)),
      label: t('field.maxFlows'),
      description: t('hint.maxFlows'),
    },
    {
      ...optional('cooldown', 5, cooldown === 0 ? '' : String(cooldown)),
      label: t('field.cooldown'),
      description: t('hint.cooldown'),
    },
    { ...optional('timeZone', 60, timeZone), label: t('field.timeZone'), description: t('hint.timeZone') },
    {
      kind: 'pick',
      id: 'mentions',
      label: t('field.mentions'),
      choices: (['yes', 'no'] as const).map((value) => ({
        value,
        label: t(`choice.${value}`),
        isUsual: value === isOn,
      })),
    },
    {
      ...optional('retention', 4, retention === null ? '' : String(retention)),
      label: t('field.retention'),
      description: t('hint.retention'),
    },
  ]);
}

const optional = (id: string, most: number, value: string) => ({
  kind: 'text' as const,
  id,
  most,
  value,
  required: false,
});

/** What somebody wrote into that form, or the sentence that names what does not work. */
export function readNumbers(
  interaction: ModalSubmitInteraction,
): Result<Pick<Rules, 'maxFlows' | 'cooldown' | 'mentions' | 'retention'> & { timeZone: string }> {
  const [atOnce, pause, zone, days] = ['maxFlows', 'cooldown', 'timeZone', 'retention'].map((id) =>
    written(interaction, id),
  );
  const maxFlows = atOnce ? wholeNumber(atOnce, mostFlows) : null;
  if (maxFlows === undefined || maxFlows === 0)
    return refuse(t('settings.badMaxFlows', { typed: short(atOnce), max: mostFlows }));
  const cooldown = pause ? wholeNumber(pause, longestPause) : 0;
  if (cooldown === undefined) return refuse(t('settings.badCooldown', { typed: short(pause), max: longestPause }));
  const timeZone = zone ? timeZoneNamed(zone) : 'UTC';
  if (timeZone === undefined) return refuse(t('settings.badTimeZone', { typed: short(zone) }));
  const retention = days ? wholeNumber(days, longestRetention) : null;
  if (retention === undefined || retention === 0)
    return refuse(t('settings.badRetention', { typed: short(days), max: longestRetention }));
  return ok({ maxFlows, cooldown, timeZone, retention, mentions: picked(interaction, 'mentions') !== 'no' });
}

/** A number from 0 to `max`; undefined for anything else. */
function wholeNumber(typed: string, max: number): number | undefined {
  const number = /^\d{1,6}$/.test(typed) ? Number(typed) : undefined;
  return number !== undefined && number <= max ? number : undefined;
}

/** What somebody typed, inside a sentence. */
const short = (typed = '') => plain(cut(typed, 40));

/** The defaults of a kind, as they are now: its model, and its shape or its other options where those are asked for. */
export const modelForm = (
  command: 'settings' | 'style',
  name: RecipeName,
  { model, aspect, options }: { model: string | undefined; aspect?: string; options?: Defaults },
  models: readonly Model[],
) =>
  form(writeControlId(command, 'model', name), t('form.defaultModel', { command: name }), [
    {
      ...optional('model', 100, models.find(({ id }) => id === model)?.name ?? model ?? ''),
      label: t('field.model'),
      description: t('hint.defaultModel'),
    },
    ...(aspect === undefined
      ? []
      : [{ ...optional('aspect', 20, aspect), label: t('field.aspect'), description: t('hint.defaultAspect') }]),
    ...(options === undefined ? [] : optionFields(name, options, models)),
  ]);

/** The default options of a kind in a server, as they are now. */
export const optionsForm = (name: RecipeName, now: Defaults, models: readonly Model[]) =>
  form(
    writeControlId('settings', 'options', name),
    t('form.defaultModel', { command: name }),
    optionFields(name, now, models),
  );

/** Kinds that begin with words alone: the shape of a picture is its own. */
const fromWords: RecipeName[] = ['image', 'video'];

/** A shape that a model can make, of one kind or of those that begin with words; null for none. */
export function readAspect(typed: string, models: readonly Model[], name?: RecipeName): Result<string | null> {
  if (typed === '') return ok(null);
  const kinds = name === undefined ? fromWords : [name];
  const fitting = models.filter((model) => kinds.some((kind) => recipes[kind].accepts(model)));
  const known = [...new Set(fitting.flatMap(({ aspects }) => aspects))];
  const aspect = known.find((one) => isSameValue(one, typed));
  if (aspect !== undefined) return ok(aspect);
  return refuse(
    t('settings.badAspect', { typed: short(typed), values: plain(cut(known.join(', '), 500)) || t('settings.none') }),
  );
}

/** The id of the model that somebody wrote into that form; null for none. */
export function readModel(
  interaction: ModalSubmitInteraction,
  name: RecipeName,
  models: readonly Model[],
): Result<string | null> {
  const typed = written(interaction, 'model');
  if (typed === '') return ok(null);
  const fitting = modelsFor(recipes[name], models, new Map());
  const model = findModel(fitting, typed);
  if (model) return ok(model.id);
  if (fitting.length === 0) return refuse(t('settings.noModels', { command: name }));
  const near = rankModels(fitting, typed, new Map());
  const examples = anyOf((near.length > 0 ? near : fitting).slice(0, 3).map((one) => brief(one.name)));
  return refuse(t('settings.badModel', { model: short(typed), command: name, examples }));
}

/** Values by kind with another value for one of them; null: none. */
export function withOne<Value>(
  values: Record<string, Value>,
  kind: string,
  value: Value | null,
): Record<string, Value> {
  const { [kind]: _, ...others } = values;
  return value === null ? others : { ...others, [kind]: value };
}
