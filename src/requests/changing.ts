import {
  type ButtonInteraction,
  ComponentType,
  MessageFlags,
  type ModalSubmitInteraction,
  type StringSelectMenuInteraction,
} from 'discord.js';
import { fitChoices } from '../discord/choices.ts';
import { PressAnswer } from '../discord/pressAnswer.ts';
import { whisper } from '../discord/whisper.ts';
import { writeButtonId } from '../flows/buttonId.ts';
import { mayChange } from '../flows/changing.ts';
import type { ChangeEvent } from '../flows/events.ts';
import { type Flow, isTerminal } from '../flows/flow.ts';
import { whyNotHeard } from '../flows/mayPress.ts';
import { recipes } from '../flows/recipes/index.ts';
import type { Model } from '../kubeez/model.ts';
import { brief, isBlank } from '../text/cut.ts';
import { limits } from '../text/limits.ts';
import { t } from '../text/text.ts';
import { draftOfStep, reworded, withModel } from './again.ts';
import { begin, tellRefusal } from './begin.ts';
import type { Parts } from './command.ts';
import type { Draft } from './draft.ts';
import type { form } from './forms.ts';
import { cheaperModels, creditsOfAll, modelsThatCan } from './otherModels.ts';
import { presserOf, refusalSentence } from './pressing.ts';
import { askedModel, nothingTyped, ok, type Refused, type Request, type Result, refuse, usesAt } from './request.ts';
import { flowRuledOut } from './rules.ts';
import { checkStyled } from './styled.ts';

/** Changing what a card asks for while nobody has confirmed its price: other words, or another model. */

type ChangeInteraction = ButtonInteraction | ModalSubmitInteraction | StringSelectMenuInteraction;

/** Shows the form with which the words of an open card are changed. */
export async function openPrompt(
  flow: Flow,
  interaction: ButtonInteraction,
  shown: ReturnType<typeof form>,
  parts: Parts,
): Promise<void> {
  const refused = (await mayNotChange(flow, interaction, parts)) ?? (await flowRuledOut(flow, parts))?.sentence;
  if (refused === undefined) await interaction.showModal(shown);
  else await whisper(interaction, refused);
}

/** Takes that form: the card itself is the answer. */
export async function submitPrompt(flow: Flow, interaction: ModalSubmitInteraction, parts: Parts): Promise<void> {
  const draft: Draft = { ...draftOfStep('prompt', flow, interaction, parts), parent: flow.id, step: 'prompt' };
  const { drawer, clock, log } = parts;
  if (!interaction.isFromMessage() || interaction.message.flags.has(MessageFlags.Ephemeral))
    return changeWords(flow, draft, interaction, parts);
  const answer = new PressAnswer(interaction, clock, (err) => log.warn({ err }, 'form not acknowledged'));
  let refused: Refused | undefined;
  const work = async () => {
    const changed = await change(flow, (latest) => reworded(latest, draft, interaction, parts), interaction, parts);
    if (changed.ok) return changed.value;
    await answer.close();
    refused = changed;
    return undefined;
  };
  await drawer.answer(flow.id, answer, work).finally(() => answer.close());
  if (refused) await tellRefusal(interaction, refused, draft, parts);
}

/** Changes the words of an open card by a form that somebody sent again after it was refused. */
export async function changeWords(
  flow: Flow,
  draft: Draft,
  interaction: ButtonInteraction | ModalSubmitInteraction,
  parts: Parts,
): Promise<void> {
  const changed = await change(flow, (latest) => reworded(latest, draft, interaction, parts), interaction, parts);
  if (!changed.ok) return tellRefusal(interaction, changed, draft, parts);
  await settle(interaction, t('choose.reworded'));
}

/** Shows the models to choose from, to whoever pressed alone. */
export async function showModels(
  step: 'model' | 'cheaper',
  flow: Flow,
  interaction: ButtonInteraction,
  parts: Parts,
): Promise<void> {
  const refused = isTerminal(flow) ? undefined : await mayNotChange(flow, interaction, parts);
  if (refused !== undefined) return whisper(interaction, refused);
  const uses = await usesAt(interaction, parts).catch(() => new Map<string, number>());
  const all = parts.catalogue.all();
  const models = step === 'cheaper' ? cheaperModels(flow, all) : ownFirst(flow, modelsThatCan(flow, all, uses));
  const [own] = flow.asked.models;
  if (!models.some(({ id }) => id !== own.id))
    return whisper(interaction, step === 'cheaper' ? t('choose.noneCheaper') : t('choose.none'));
  await interaction.reply({
    content: isTerminal(flow) ? t('choose.anew') : t('choose.model'),
    components: [
      {
        type: ComponentType.ActionRow,
        components: [
          {
            type: ComponentType.StringSelect,
            custom_id: writeButtonId({ action: step, flow: flow.id }),
            placeholder: t('placeholder.model'),
            options: modelOptions(flow, models),
          },
        ],
      },
    ],
    flags: MessageFlags.Ephemeral,
  });
}

/** Takes the model that somebody chose. On a card that has ended it begins a new request. */
export async function pickOther(flow: Flow, interaction: StringSelectMenuInteraction, parts: Parts): Promise<void> {
  const wanted = interaction.values[0] ?? '';
  const chosen = modelsThatCan(flow, parts.catalogue.all()).find(({ id }) => id === wanted);
  if (isTerminal(flow)) return begin(interaction, withModel(flow, wanted, parts), parts);
  if (chosen?.id === flow.asked.models[0].id)
    return whisper(interaction, t('choose.same', { model: brief(chosen.name) }));
  const changed = await change(flow, (latest) => withModel(latest, wanted, parts), interaction, parts);
  if (!changed.ok) return whisper(interaction, changed.sentence);
  await settle(interaction, t('choose.done', { model: brief(changed.value.asked.models[0].name) }));
}

/** The flow's own model first: a list that is cut must not lose it. */
const ownFirst = ({ asked }: Flow, models: readonly Model[]): Model[] => {
  const isOwn = ({ id }: Model) => id === asked.models[0].id;
  return [...models.filter(isOwn), ...models.filter((model) => !isOwn(model))];
};

/** Models as a select menu shows them, each with its price for all runs and its usual time; the flow's own is marked. */
function modelOptions(flow: Flow, models: readonly Model[]) {
  const { listed } = recipes[flow.recipe];
  const choices = models.map((model) => ({
    name: isBlank(model.name) ? model.id : model.name,
    value: model.id,
    description: t('choice.modelFacts', {
      isEstimate: listed(model) ? 'no' : 'yes',
      credits: creditsOfAll(flow, model),
      seconds: Math.round(model.seconds),
    }),
  }));
  return fitChoices(choices).map(({ name, value, description }) => ({
    label: name,
    value,
    description: description.slice(0, limits.choiceName),
    default: value === flow.asked.models[0].id,
  }));
}

/** Changes worked out at the same moment are worked out again, as often as this. */
const attempts = 3;

/** Changes an open flow to what `work` makes of it, if the rules of the server allow that; gives it as it is then. */
async function change(
  seen: Flow,
  work: (flow: Flow) => Promise<Result<Request>>,
  interaction: ChangeInteraction,
  parts: Parts,
): Promise<Result<Flow>> {
  const by = await presser(interaction, parts);
  const at = { guild: interaction.guildId, channel: interaction.channelId ?? '', message: cardIn(interaction) };
  let flow = seen;
  for (let attempt = 1; ; attempt++) {
    const refused = whyNotHeard(flow, { by, at }) ?? (mayChange(flow) ? undefined : 'late');
    if (refused) return refuse(refusalSentence(refused, flow), nothingTyped);
    const worked = await work(flow);
    if (!worked.ok) return worked;
    // The card goes on with the style that it shows.
    const request = checkStyled({ ...worked.value, style: flow.asked.style });
    if (!request.ok) return request;
    const event: ChangeEvent = { type: 'changed', by, at, ...changesIn(flow, request.value) };
    const ruled = await flowRuledOut({ ...flow, asked: { ...flow.asked, ...event.asked } }, parts);
    if (ruled) return ruled;
    const next = await parts.runner.press(flow.id, event);
    if (!next) return refuse(t('router.tooOld'), nothingTyped);
    if (!next.refused) {
      parts.log.info({ flow: flow.id, model: event.asked.models[0].id }, 'changed before its price was confirmed');
      return ok(next.flow);
    }
    if (next.refused !== 'changed' || attempt === attempts)
      return refuse(refusalSentence(next.refused, next.flow), nothingTyped);
    flow = next.flow;
  }
}

/** What a request changes of a flow; the files stay as they are, whatever became of their addresses. */
function changesIn({ asked }: Flow, { recipe, model, prompt, options, adjusted, calls }: Request) {
  const isSame = model.id === asked.models[0].id;
  return {
    asked: {
      prompt,
      options,
      models: [askedModel(recipe, model)] satisfies Flow['asked']['models'],
      modelTakenAs: isSame ? asked.modelTakenAs : (model.takenAs ?? null),
      adjusted: isSame ? asked.adjusted : adjusted,
    },
    calls,
    changes: asked.changes,
  };
}

/** Why somebody may not change this; undefined where they may. */
async function mayNotChange(flow: Flow, interaction: ButtonInteraction, parts: Parts): Promise<string | undefined> {
  const at = { guild: interaction.guildId, channel: interaction.channelId, message: cardIn(interaction) };
  const refused = whyNotHeard(flow, { by: await presser(interaction, parts), at });
  if (refused) return refusalSentence(refused, flow);
  return mayChange(flow) ? undefined : t('router.late');
}

async function presser(interaction: ChangeInteraction, { guildSettings, place }: Parts) {
  const { guildId } = interaction;
  const settings = guildId === null ? undefined : await guildSettings.of(guildId).catch(() => undefined);
  return presserOf(interaction, place, settings);
}

/** The card that somebody pressed; null where it was a message that only they see. */
const cardIn = ({ message }: ChangeInteraction): string | null =>
  !message || message.flags.has(MessageFlags.Ephemeral) ? null : message.id;

/** Puts the outcome in the place of the message that only they see. */
async function settle(interaction: ChangeInteraction, content: string): Promise<void> {
  if (interaction.isModalSubmit() && !interaction.isFromMessage()) return whisper(interaction, content);
  if (cardIn(interaction) !== null) return whisper(interaction, content);
  await interaction.update({ content, components: [] });
}
