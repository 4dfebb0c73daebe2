import { sentPrompt } from '../flows/style.ts';
import { applyStyle } from '../guilds/style.ts';
import { brief } from '../text/cut.ts';
import { t } from '../text/text.ts';
import type { Parts, StartInteraction } from './command.ts';
import { decidedAt, ok, type Request, type Result, refuse } from './request.ts';

/**
 * A request with what the style of the channel adds, as it is now. Another run of the same job keeps the words of that
 * job, and whoever took the style off has it off. Words are never cut: where they do not fit the model, that is said.
 */
export async function withStyle(
  request: Request,
  interaction: StartInteraction,
  parts: Parts,
): Promise<Result<Request>> {
  const { recipe, options } = request;
  if (options.source_job !== undefined || request.style?.isOff) return ok(request);
  const style = applyStyle((await decidedAt(interaction, parts)).style, recipe.name);
  return checkStyled({ ...request, style });
}

/** Whether a prompt fits its model together with what its style adds. */
export function checkStyled(request: Request): Result<Request> {
  const { prompt, model, style } = request;
  const { length } = sentPrompt(request);
  const { promptMax: max } = model;
  // What is too long by itself is told where it was typed.
  if (!style || max === undefined || length <= max || prompt.length > max) return ok(request);
  const left = max - (length - prompt.length);
  return refuse(t('refusal.styleTooLong', { style: brief(style.name), length, model: brief(model.name), max, left }));
}
