import { recipes } from '../flows/recipes/index.ts';
import { cut, plain } from '../text/cut.ts';
import { t } from '../text/text.ts';
import type { Parts, StartInteraction } from './command.ts';
import { type Draft, textOf } from './draft.ts';
import { type Field, longText } from './forms.ts';
import { modelField } from './onward.ts';
import { modelChoicesFor } from './request.ts';

/** The lines for a long text, with what was typed. */
export const typedText = (id: 'prompt' | 'product', draft: Draft): Field[] =>
  longText({ id, label: t(`field.${id}`) }, textOf(draft, id) ?? '');

/** A line to pick a model, with the one that was typed first, or those that come nearest to it; none when none fits. */
export async function typedModel(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Field[]> {
  const fitting = await modelChoicesFor(recipes[draft.recipe], textOf(draft, 'model'), interaction, parts);
  const wanted = textOf(draft, 'model');
  const field = modelField(fitting);
  const said =
    draft.about === 'model' && wanted ? { description: t('hint.noModel', { shortName: plain(cut(wanted, 20)) }) } : {};
  return fitting.length > 0 ? [{ ...field, ...said }] : [];
}
