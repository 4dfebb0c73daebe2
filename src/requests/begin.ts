import { setImmediate } from 'node:timers/promises';
import { type APIButtonComponentWithCustomId, ButtonStyle, ComponentType, MessageFlags } from 'discord.js';
import pRetry from 'p-retry';
import pTimeout from 'p-timeout';
import { defaultAccount } from '../accountNames.ts';
import { writeFormId } from '../discord/customId.ts';
import { problemOf } from '../discord/messages.ts';
import { whisper } from '../discord/whisper.ts';
import { renderCard } from '../flows/card.ts';
import { isMet } from '../flows/files.ts';
import { type Flow, flowDefaults } from '../flows/flow.ts';
import { hasUnseenFiles } from '../flows/givenFiles.ts';
import { newRuns } from '../flows/runs.ts';
import { times } from '../flows/times.ts';
import { newId } from '../ids.ts';
import { cut } from '../text/cut.ts';
import { limits } from '../text/limits.ts';
import { t } from '../text/text.ts';
import type { Parts, RequestRules, StartInteraction } from './command.ts';
import type { Draft } from './draft.ts';
import { askedModel, cannotStart, nothingTyped, type Refused, type Request, type Result } from './request.ts';
import { ruledOut } from './rules.ts';
import { withStyle } from './styled.ts';

/** Milliseconds for which a new flow is not written while people wait for answers; its own may have been lost. */
const longestHold = 500;

/** Starts a flow for what somebody typed, once it is checked; a refusal keeps it, so that it can be changed. */
export const beginTyped = (
  interaction: StartInteraction,
  draft: Draft,
  check: RequestRules['check'],
  parts: Parts,
): Promise<void> => begin(interaction, check(draft, interaction, parts), parts, draft);

/**
 * Starts a flow for what somebody asked for, or tells them alone why not. The card is the answer to what they did.
 */
export async function begin(
  interaction: StartInteraction,
  asked: Promise<Result<Request>>,
  parts: Parts,
  draft?: Draft,
): Promise<void> {
  // Where something else is in the way, nobody waits for it.
  asked.catch(() => undefined);
  const obstacle = cannotStart(interaction, parts);
  const request: Result<Request> =
    obstacle === undefined ? await asked : { ok: false, sentence: obstacle, about: nothingTyped };
  if (!request.ok) return tellRefusal(interaction, request, draft, parts);
  const styled = await withStyle(request.value, interaction, parts);
  if (!styled.ok) return tellRefusal(interaction, styled, draft, parts);
  const refused = await ruledOut(interaction, styled.value, parts);
  if (refused) return tellRefusal(interaction, refused, draft, parts);
  const flow = newFlow(interaction, styled.value, parts);
  parts.note({ flow: flow.id, recipe: flow.recipe }, 'new flow');
  const showing = showCard(interaction, flow, parts);
  // Until then the cards of all who came together are on their way, and nobody can press yet.
  await setImmediate();
  // All who came together have their answer before any of this is written; a press that comes sooner waits for the record.
  const shown = showing.then(async (message) => {
    await parts.unanswered.none();
    return message;
  });
  const first = pTimeout(shown, { milliseconds: longestHold, fallback: () => undefined });
  const kept = parts.runner.add(flow, first);
  // Whatever fails meanwhile, a failure to keep it is told below.
  kept.catch(() => undefined);
  const message = await showing;
  try {
    await kept;
    // Without an answer from Discord the card may be there or not: the flow looks for it, as after a restart.
    await parts.runner.send(flow.id, message === undefined ? { type: 'resumed' } : { type: 'started', message });
  } catch (err) {
    parts.log.error({ err, flow: flow.id }, 'a new flow cannot be kept');
    parts.runner.abandon(flow);
    const content = t('refusal.notKept');
    // The card may be there although Discord's answer to it was lost.
    const tell = () => interaction.webhook.editMessage('@original', { content, embeds: [], components: [] });
    await pRetry(tell, {
      retries: 20,
      maxTimeout: 60_000,
      // Discord takes the interaction's token for no longer.
      maxRetryTime: limits.tokenLife,
      unref: true,
      shouldRetry: ({ error }) => problemOf(error) === 'unreachable',
    }).catch(() => whisper(interaction, content));
  }
}

/**
 * Says privately why not, with a button that opens a form with what was typed, or a button that tries again where what was
 * typed is not the cause.
 */
export async function tellRefusal(
  interaction: StartInteraction,
  { sentence, about }: Refused,
  draft: Draft | undefined,
  parts: Parts,
): Promise<void> {
  const content = cut(sentence, limits.content);
  if (!draft) {
    await whisper(interaction, content);
    return;
  }
  const { id, kept } = parts.drafts.keep(interaction.user.id, { ...draft, about: about ?? null });
  const isMendable = about !== nothingTyped;
  const button: APIButtonComponentWithCustomId = {
    type: ComponentType.Button,
    style: ButtonStyle.Secondary,
    label: isMendable ? t('button.editTyped') : t('button.tryAgain'),
    custom_id: writeFormId({ form: isMendable ? 'edit' : 'retry', draft: id }),
  };
  const components = [{ type: ComponentType.ActionRow as const, components: [button] }];
  const answer = { content, components, flags: MessageFlags.Ephemeral } as const;
  await (interaction.replied || interaction.deferred ? interaction.followUp(answer) : interaction.reply(answer));
  await kept;
}

/** Answers with the card; returns its message id, or undefined when Discord's answer did not arrive. */
async function showCard(interaction: StartInteraction, flow: Flow, parts: Parts): Promise<string | undefined> {
  const { clock, drawer, unanswered, log } = parts;
  try {
    const card = renderCard(flow, clock.now());
    const answer = await interaction.reply({ ...card, withResponse: true });
    const message = answer.resource?.message?.id ?? (await interaction.fetchReply()).id;
    // So that a start draws it anew only where it has changed.
    drawer.notePosted(flow.id, message, card);
    return message;
  } catch (err) {
    log.warn({ err, flow: flow.id }, 'no answer to the card');
    return undefined;
  } finally {
    unanswered.remove(interaction.id);
  }
}

/** Makes the record of a new flow. */
function newFlow(interaction: StartInteraction, request: Request, { clock, place, spokenTo, payer }: Parts): Flow {
  const { recipe, model, calls, parent, prompt, style, options, adjusted, spoiler, inputs, attachments } = request;
  const now = clock.now();
  const needs = recipe.needs(model);
  const isReady = attachments.length === 0 && !hasUnseenFiles(request) && isMet(needs, inputs);
  return {
    ...flowDefaults,
    id: newId(),
    account: payer?.account ?? defaultAccount,
    connectedAt: payer?.connectedAt ?? null,
    recipe: recipe.name,
    stage: isReady ? 'quoting' : 'uploading',
    requester: interaction.user.id,
    guild: interaction.guildId,
    spender: { roles: place.roles, channel: place.parent ?? interaction.channelId },
    parent,
    languages: { card: spokenTo.everybody, requester: spokenTo.person },
    card: {
      channel: interaction.channelId ?? '',
      message: null,
      lost: false,
      fileLimit: interaction.attachmentSizeLimit ?? limits.file,
      restricted: place.isRestricted,
    },
    reply: { application: interaction.applicationId, token: interaction.token, until: now + limits.tokenLife },
    asked: {
      prompt,
      models: [askedModel(recipe, model)],
      modelTakenAs: model.takenAs ?? null,
      options,
      adjusted,
      changes: 0,
      style,
      spoiler,
      inputs,
      attachments,
    },
    runs: newRuns(model.id, calls, options),
    wait: {
      ...flowDefaults.wait,
      nextCheckAt: now + times.priceRetry,
      giveUpAt: now + (isReady ? times.priceGivesUp : times.uploadCloses),
    },
    createdAt: now,
  };
}
