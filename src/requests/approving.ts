import {
  type AnySelectMenuInteraction,
  type ButtonInteraction,
  ComponentType,
  MessageFlags,
  type ModalSubmitInteraction,
} from 'discord.js';
import { z } from 'zod';
import { jumpTo } from '../discord/jump.ts';
import { whisper } from '../discord/whisper.ts';
import { priceOf } from '../engine/price.ts';
import { whyNotAnswered, withModel } from '../flows/approval.ts';
import { type AskButton, readAskId, writeAskId } from '../flows/buttonId.ts';
import type { Answer, AnswerEvent, AnswerRefusal } from '../flows/events.ts';
import type { Flow } from '../flows/flow.ts';
import { recipes } from '../flows/recipes/index.ts';
import { cents } from '../flows/runs.ts';
import { reasonRoom } from '../flows/sentences.ts';
import { wholeText } from '../flows/written.ts';
import { brief, cut } from '../text/cut.ts';
import { speaking, t } from '../text/text.ts';
import type { CommandParts } from './command.ts';
import { form, written } from './forms.ts';
import type { Arrival, Handler } from './handler.ts';
import { offerable } from './offerable.ts';
import { modelChoices } from './ranking.ts';
import { askedModel } from './request.ts';

/** What approvers do on the message that asks them, and on what its buttons open. */
type Answering = ButtonInteraction | AnySelectMenuInteraction | ModalSubmitInteraction;

/** Takes the answers of approvers. Who may answer is asked anew at each of them. */
export function approvalHandler(parts: CommandParts): Handler {
  return {
    press(interaction, rest, arrival) {
      const id = readAskId(rest);
      if (!id) return undefined;
      switch (id.answer) {
        case 'approve':
          return interaction.deferUpdate().then(() => answer(id, { is: 'approve' }, interaction, parts, arrival));
        case 'decline':
        case 'offer':
        case 'read':
          return mayAnswer(id, interaction, parts, arrival).then((flow) =>
            flow ? open(id, flow, interaction, parts) : undefined,
          );
      }
    },
    submit(interaction, rest, arrival) {
      const id = readAskId(rest);
      if (id?.answer !== 'decline' || !interaction.isFromMessage()) return undefined;
      const reason = cut(written(interaction, 'reason'), reasonRoom);
      return interaction.deferUpdate().then(() => answer(id, { is: 'decline', reason }, interaction, parts, arrival));
    },
    select(interaction, rest, arrival) {
      const id = readAskId(rest);
      const model = z.string().safeParse(interaction.values[0]).data;
      if (id?.answer !== 'offer' || model === undefined) return undefined;
      return interaction.deferUpdate().then(() => offer(id, model, interaction, parts, arrival));
    },
  };
}

async function answer(
  id: AskButton,
  said: Answer,
  interaction: Answering,
  parts: CommandParts,
  { place, log }: Arrival,
): Promise<void> {
  const { runner } = parts;
  if (await isBlocked(interaction, parts)) return whisper(interaction, t('approval.blocked'));
  const pressed = await runner.press(id.flow, { ...whoAndWhere(id, interaction, place), answer: said });
  log.info({ flow: id.flow, answer: said.is, refused: pressed?.refused }, 'answer of an approver');
  if (!pressed) return whisper(interaction, t('router.tooOld'));
  const { flow, refused } = pressed;
  if (refused) await whisper(interaction, refusalSentence(refused, flow));
  if (refused !== 'gone') await closeLeftover(id, flow, interaction);
}

/** A message that asked, and of which the flow knows no more, still has its buttons: it shows how things stand. */
async function closeLeftover(id: AskButton, flow: Flow, interaction: Answering): Promise<void> {
  const { message } = interaction;
  const { asks, message: known } = flow.approval;
  if (!message || message.flags.has(MessageFlags.Ephemeral) || known?.message === message.id) return;
  if (id.ask === asks && flow.stage === 'held') return;
  const address = known ? jumpTo(flow.guild, known.channel, known.message) : undefined;
  const content = speaking(flow.languages.card, () =>
    address === undefined ? t('approval.over') : t('approval.askedElsewhere', { address }),
  );
  await interaction.editReply({ content, embeds: [], components: [], allowedMentions: { parse: [] } });
}

/** Shows what a button opens to whoever may answer, and to them alone. */
function open(id: AskButton, flow: Flow, interaction: ButtonInteraction, parts: CommandParts): Promise<void> {
  switch (id.answer) {
    case 'offer':
      return showCheaper(id, flow, interaction, parts);
    case 'read':
      return giveWhole(flow, interaction);
    default:
      return showReasonForm(id, interaction);
  }
}

async function showReasonForm(id: AskButton, interaction: ButtonInteraction): Promise<void> {
  const field = { kind: 'text', id: 'reason', label: t('field.reason'), required: false, isLong: true } as const;
  await interaction.showModal(form(writeAskId(id), t('form.decline'), [field]));
}

/** Gives all that was written for a request as a file. */
async function giveWhole(flow: Flow, interaction: ButtonInteraction): Promise<void> {
  await interaction.reply({
    content: t('approval.whole', { id: flow.id, person: `<@${flow.requester}>` }),
    files: [{ name: `${flow.id}.txt`, attachment: Buffer.from(wholeText(flow.asked)) }],
    flags: MessageFlags.Ephemeral,
    allowedMentions: { parse: [] },
  });
}

async function showCheaper(
  id: AskButton,
  flow: Flow,
  interaction: ButtonInteraction,
  parts: CommandParts,
): Promise<void> {
  const options = modelChoices(offerable(flow, parts.catalogue.all()));
  if (options.length === 0) return whisper(interaction, t('approval.noCheaper'));
  const menu = {
    type: ComponentType.StringSelect as const,
    custom_id: writeAskId(id),
    placeholder: t('approval.chooseModel'),
    options: options.map(({ name, value }) => ({ label: name, value })),
  };
  await interaction.reply({
    content: t('approval.chooseOffer'),
    components: [{ type: ComponentType.ActionRow as const, components: [menu] }],
    flags: MessageFlags.Ephemeral,
  });
}

/** Works out what the model costs, and offers it for exactly that. */
async function offer(
  id: AskButton,
  chosen: string,
  interaction: AnySelectMenuInteraction,
  parts: CommandParts,
  arrival: Arrival,
): Promise<void> {
  const tell = (content: string) => interaction.editReply({ content, components: [], allowedMentions: { parse: [] } });
  const flow = await mayAnswer(id, interaction, parts, arrival);
  if (!flow) return;
  const model = offerable(flow, parts.catalogue.all()).find((one) => one.id === chosen);
  if (!model) return void (await tell(t('approval.noCheaper')));
  const asked = askedModel(recipes[flow.recipe], model);
  const priced = await priceOf({ ...flow, ...withModel(flow, asked) }, false, parts);
  if (priced?.type !== 'priced') return void (await tell(t('approval.offerNotPriced')));
  const credits = cents((priced.prices[model.id] ?? 0) * flow.runs.length);
  const said = { model: brief(model.name), credits };
  if (credits >= (flow.money.quote?.credits ?? 0)) return void (await tell(t('approval.offerNotCheaper', said)));
  const event = whoAndWhere(id, interaction, arrival.place);
  const pressed = await parts.runner.press(id.flow, { ...event, answer: { is: 'offer', model: asked, credits } });
  arrival.log.info({ flow: id.flow, model: model.id, credits, refused: pressed?.refused }, 'cheaper model offered');
  if (!pressed) await tell(t('router.tooOld'));
  else await tell(pressed.refused ? refusalSentence(pressed.refused, pressed.flow) : t('approval.offerMade', said));
}

/** The flow, if this person may answer for it; else they are told why not. */
async function mayAnswer(
  id: AskButton,
  interaction: ButtonInteraction | AnySelectMenuInteraction,
  parts: CommandParts,
  { place }: Arrival,
): Promise<Flow | undefined> {
  if (await isBlocked(interaction, parts)) {
    await whisper(interaction, t('approval.blocked'));
    return undefined;
  }
  const flow = await parts.records.load(id.flow);
  const refused = flow ? whyNotAnswered(flow, whoAndWhere(id, interaction, place)) : 'gone';
  if (flow && !refused) return flow;
  await whisper(interaction, flow && refused ? refusalSentence(refused, flow) : t('router.tooOld'));
  return undefined;
}

/** Whether the server has blocked whoever answers: their role does not help them. Where that cannot be read, nothing starts anyway. */
async function isBlocked({ guildId, user }: Answering, { guildSettings, log }: CommandParts): Promise<boolean> {
  if (guildId === null) return false;
  try {
    return (await guildSettings.of(guildId)).blocked.people.includes(user.id);
  } catch (err) {
    log.warn({ err, guild: guildId }, 'it cannot be read who is blocked');
    return false;
  }
}

const whoAndWhere = (
  { ask }: AskButton,
  { user, guildId, channelId }: Answering,
  { roles }: Arrival['place'],
): Omit<AnswerEvent, 'answer'> => ({
  type: 'answered',
  ask,
  by: { id: user.id, roles },
  at: { guild: guildId, channel: channelId ?? '' },
});

/** What to tell somebody whose answer was refused. */
function refusalSentence(refused: AnswerRefusal | string, { approval }: Flow): string {
  switch (refused) {
    case 'own':
      return t('approval.own');
    case 'notApprover':
      return t('approval.notApprover', { role: `<@&${approval.rule?.approvers}>` });
    case 'over':
      return t('approval.over');
    default:
      return t('router.tooOld');
  }
}
