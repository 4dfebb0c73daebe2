import type { ButtonInteraction, ModalSubmitInteraction, StringSelectMenuInteraction } from 'discord.js';
import { z } from 'zod';
import { PressAnswer } from '../discord/pressAnswer.ts';
import { whisper } from '../discord/whisper.ts';
import { type FlowButton, readButtonId } from '../flows/buttonId.ts';
import { type Press, type PressEvent, presses } from '../flows/events.ts';
import type { Flow } from '../flows/flow.ts';
import { type NextStep, nextStepNames, withoutWords } from '../flows/nextSteps.ts';
import { clearedSentence } from '../flows/sentences.ts';
import type { Settings } from '../guilds/settings.ts';
import { t } from '../text/text.ts';
import { pickOther } from './changing.ts';
import type { CommandParts, Parts } from './command.ts';
import { type Arrival, type Handler, withPayer } from './handler.ts';
import { pressNextStep, submitNextStep } from './onward.ts';
import { presserOf, refusalSentence } from './pressing.ts';
import { isOnMessage, maySee, workOf } from './visibility.ts';

/** Whatever somebody does on a card, or with what a card has opened. */
type FlowInteraction = ButtonInteraction | StringSelectMenuInteraction | ModalSubmitInteraction;

/** Milliseconds a press on a card that was just finished waits for its record; Discord waits 3 seconds in all. */
const maxFinishing = 1500;

/** Handles the buttons of cards, and the forms that they open. */
export function flowHandler(parts: CommandParts): Handler {
  return {
    press(interaction, rest, arrival) {
      const id = readButtonId(rest);
      const press = presses.find((name) => name === id?.action);
      if (id && press) return pressCard(press, id.flow, interaction, parts, arrival);
      return takeNextStep(id, interaction, parts, arrival, (step, flow, all) =>
        pressNextStep(step, flow, interaction, all),
      );
    },
    select(interaction, rest, arrival) {
      const id = readButtonId(rest);
      if (!interaction.isStringSelectMenu() || !['model', 'cheaper'].includes(id?.action ?? '')) return undefined;
      return takeNextStep(id, interaction, parts, arrival, (_, flow, all) => pickOther(flow, interaction, all));
    },
    submit: (interaction, rest, arrival) =>
      takeNextStep(readButtonId(rest), interaction, parts, arrival, (step, flow, all) =>
        submitNextStep(step, flow, interaction, all),
      ),
  };
}

/** A press on a button of an open card. Only the flow is read before it is answered. */
async function pressCard(
  action: Press,
  id: string,
  interaction: ButtonInteraction,
  { clock, drawer, runner, guildSettings }: CommandParts,
  { place, log }: Arrival,
): Promise<void> {
  const answer = new PressAnswer(interaction, clock, (err) => log.warn({ err }, 'press not acknowledged'));
  const work = async () => {
    log.info({ flow: id, action }, 'press');
    const press = (settings: Settings | undefined) =>
      runner.press(id, { type: 'pressed', action, ...whoAndWhere(interaction, place, settings) });
    const { guildId } = interaction;
    const known = guildId === null ? undefined : guildSettings.known(guildId);
    let pressed = await press(known);
    // Whether others may press is read only where that decides: everybody else would wait for it.
    if (pressed?.refused === 'notYours' && guildId !== null && !known)
      pressed = await press(await guildSettings.of(guildId).catch(() => undefined));
    if (!pressed) return void (await answer.whisper(t('router.tooOld')));
    const { flow, refused } = pressed;
    if (refused) return void (await answer.whisper(refusalSentence(refused, flow)));
    if (action === 'link') return void (await answer.whisper(linkOf(flow)));
    return flow;
  };
  await drawer.answer(id, answer, work).finally(() => answer.close());
}

/** Goes on from a finished flow, if the id names a next step and its flow may be seen; undefined for other ids. */
function takeNextStep(
  id: FlowButton | undefined,
  interaction: FlowInteraction,
  parts: CommandParts,
  arrival: Arrival,
  take: (step: NextStep, flow: Flow, parts: Parts) => Promise<void>,
): Promise<void> | undefined {
  const step = nextStepNames.find((name) => name === id?.action);
  if (!id || !step) return undefined;
  return withPayer(interaction, parts, arrival).then(async (all) => {
    const found = await visibleFlow(id.flow, interaction, all);
    if (!found.ok) return void (await whisper(interaction, found.sentence));
    if (found.flow.clearedAt !== null && !afterClearing.includes(step))
      return void (await whisper(interaction, clearedSentence(found.flow, found.flow.clearedAt)));
    arrival.note({ flow: id.flow, step }, interaction.isModalSubmit() ? 'form' : 'next step');
    await take(step, found.flow, all);
  });
}

/** Steps that lead to nothing new. */
const afterClearing: readonly NextStep[] = [...withoutWords, 'erase', 'more'];

/** A flow, or the sentence that says why it cannot be shown. */
type Found = { ok: true; flow: Flow } | { ok: false; sentence: string };

/** The flow of an id, if it belongs to this server (or DM) and this person may see it: ids are short and can be guessed. */
async function visibleFlow(id: string, interaction: FlowInteraction, parts: Parts): Promise<Found> {
  const { records, runner } = parts;
  let flow = await records.load(id);
  if (flow?.stage === 'delivering') {
    await runner.quiet(id, maxFinishing);
    flow = await records.load(id);
  }
  if (!flow) runner.missed(id);
  if (!flow || !isIn(flow, interaction)) return { ok: false, sentence: t('router.tooOld') };
  // What its requester shows again after deleting it is there for those who see it.
  const isDeleted = flow.shown.deletedAt !== null && !isOnMessage(interaction);
  if (await maySee({ ...workOf(flow), deleted: isDeleted }, interaction, parts)) return { ok: true, flow };
  return { ok: false, sentence: isDeleted ? t('router.deleted') : t('router.hidden') };
}

const labelSchema = z.object({ label: z.string() });

/** Who pressed, and on what. */
const whoAndWhere = (
  interaction: ButtonInteraction,
  place: Arrival['place'],
  settings: Settings | undefined,
): Omit<PressEvent, 'type' | 'action'> => {
  const { guildId, channelId, message, component } = interaction;
  return {
    by: presserOf(interaction, place, settings),
    at: { guild: guildId, channel: channelId, message: message.id },
    // Where the message, as Discord has it, shows no such button any more, there is none.
    label: labelSchema.safeParse(component).data?.label ?? '',
    footer: message.embeds[0]?.footer?.text ?? '',
  };
};

const isIn = (flow: Flow, { guildId, user }: FlowInteraction) =>
  guildId === null ? flow.requester === user.id : flow.guild === guildId;

function linkOf({ stage, upload: { session } }: Flow): string {
  return stage === 'uploading' && session ? session.url : t('upload.notNeeded');
}
