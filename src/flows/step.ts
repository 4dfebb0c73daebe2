import { speaking } from '../text/text.ts';
import { isAskUndrawn, whyNotAnswered } from './approval.ts';
import { renderAsk } from './approvalMessage.ts';
import type { Asked } from './asked.ts';
import { change } from './change.ts';
import { changed } from './changing.ts';
import type { Effect, Event, Step } from './events.ts';
import { type Flow, isOpen, isTerminal, type Stage } from './flow.ts';
import { whyNotHeard } from './mayPress.ts';
import { delivered } from './stages/delivered.ts';
import { delivering } from './stages/delivering.ts';
import { failed } from './stages/failed.ts';
import { following } from './stages/following.ts';
import { held } from './stages/held.ts';
import { queued } from './stages/queued.ts';
import { quoted } from './stages/quoted.ts';
import { quoting } from './stages/quoting.ts';
import type { StageStep } from './stages/stage.ts';
import { end, stay } from './stages/stage.ts';
import { submitting } from './stages/submitting.ts';
import { unclear } from './stages/unclear.ts';
import { uploading } from './stages/uploading.ts';
import { pictureIds } from './style.ts';

const ended: StageStep = (flow) => stay(flow);

const stageSteps: Record<Stage, StageStep> = {
  uploading,
  quoting,
  quoted,
  held,
  queued,
  submitting,
  running: following,
  delivering,
  unclear,
  delivered,
  failed,
  cancelled: ended,
  expired: ended,
};

/**
 * What an event makes of a flow: the next record and what is to be done once it is saved. Pure: no clock, no network,
 * no chance. An event that does not fit the stage changes nothing.
 *
 * @param now milliseconds since 1970
 * @param pollMs milliseconds between two reads of a running job or an open upload (`KUBEEZ_POLL_SECONDS`)
 */
export const step = (flow: Flow, event: Event, now: number, pollMs = 5000): Step =>
  // A press says what stood on its button.
  speaking(flow.languages.card, () => stepped(flow, event, now, pollMs));

function stepped(flow: Flow, event: Event, now: number, pollMs: number): Step {
  const refused = whyRefused(flow, event);
  if (refused) return { flow, effects: [], refused };
  const next = withAskUpToDate(flow, withUploadEnded(flow, nextStep(flow, event, now, pollMs)));
  if (isAwaited(flow, event, next.flow)) return next;
  return {
    ...next,
    effects: next.effects.map((effect) => (effect.do === 'draw' ? { ...effect, canWait: true } : effect)),
  };
}

function whyRefused(flow: Flow, event: Event): Step['refused'] {
  if (event.type === 'pressed' || event.type === 'changed') return whyNotHeard(flow, event);
  return event.type === 'answered' ? whyNotAnswered(flow, event) : undefined;
}

/** Events whose change nobody waits to see: a restart, a new position in line, a look at a running job. */
function isAwaited(flow: Flow, event: Event, next: Flow): boolean {
  if (event.type === 'resumed') return false;
  if (event.type === 'positioned') return flow.wait.position === null;
  return flow.stage !== 'running' || next.stage !== 'running';
}

function nextStep(flow: Flow, event: Event, now: number, pollMs: number): Step {
  switch (event.type) {
    case 'started':
    case 'cardPosted': {
      const posted = change(flow, { card: { message: event.message, lost: false } });
      if (event.type === 'started' && !isTerminal(flow)) return stageSteps[flow.stage](posted, event, now, pollMs);
      // Somebody may have pressed Cancel before the bot knew its own card.
      return stay(posted, isOnItsCard(flow) ? [] : [{ do: 'draw' }]);
    }
    case 'linkSent':
    case 'linkNotSent':
      if (flow.stage === 'uploading' || !event.explained) break;
      // It went out while the flow moved on.
      return stay(change(flow, { upload: { isOver: true } }), [
        {
          do: 'endUpload',
          explained: event.explained,
          link: event.type === 'linkSent' && event.by === 'dm' ? event.link : null,
        },
      ]);
    case 'cardLost':
      return withoutCard(flow);
    case 'askShown':
      return askShown(flow, event);
    case 'cardMoved':
      return mayMove(flow, event.by)
        ? stay({ ...flow, card: event.card, reply: event.reply }, [{ do: 'draw' }])
        : stay(flow);
    case 'copied': {
      const { channel, message } = event;
      return stay(change(flow, { shown: { copies: [...flow.shown.copies, { channel, message }].slice(-maxCopies) } }));
    }
    case 'changed':
      return changed(flow, event, now);
    case 'deleted':
      return stay(isTerminal(flow) ? change(flow, { shown: { deletedAt: now } }) : flow);
    case 'neverShown':
      if (!isOpen(flow)) return flow.card.message === null ? withoutCard(flow) : stay(flow);
      // Only a flow that nobody could have confirmed may vanish like this.
      return flow.money.confirmed ? stay(flow) : end(lost(flow), 'expired', now, {}, []);
    case 'resumed':
      if (flow.stage === 'delivered') return stay(flow, lateAsk(flow));
      // The process may have ended before this end was drawn.
      if (!isOpen(flow)) return withCard(stay(flow, [{ do: 'draw' }, ...lateAsk(flow)]));
      return withLateAsk(withCard(stageSteps[flow.stage](flow, event, now, pollMs)));
    case 'woke':
      // The flow moved on while the wake-up waited for its turn.
      if (flow.wait.nextCheckAt === null || now < flow.wait.nextCheckAt) return stay(flow);
      return stageSteps[flow.stage](flow, event, now, pollMs);
  }
  return stageSteps[flow.stage](flow, event, now, pollMs);
}

/** The platform cannot close an upload page: once files are no longer awaited, the messages with the link say so. */
function withUploadEnded(before: Flow, next: Step): Step {
  const { flow, effects } = next;
  const session = before.stage === 'uploading' ? flow.upload.session : null;
  const { explained = null, link = null, sentBy = null } = session ?? {};
  if (flow.stage === 'uploading' || (!explained && !sentBy)) return next;
  const over = change(flow, { upload: { isOver: true } });
  return { flow: over, effects: explained ? [...effects, { do: 'endUpload', explained, link }] : effects };
}

/** The same for a flow that goes on; one that is held has its message drawn anyway. */
const withLateAsk = (next: Step): Step =>
  next.flow.stage === 'held' ? next : { ...next, effects: [...next.effects, ...lateAsk(next.flow)] };

/** The process may have ended before approvers could see what became of their message. */
const lateAsk = (flow: Flow): Effect[] => (isAskUndrawn(flow) ? [{ do: 'ask' }] : []);

function askShown(flow: Flow, event: Extract<Event, { type: 'askShown' }>): Step {
  const { approval, stage } = flow;
  const { ask, version, message, left, posts, problem } = event;
  if (ask !== approval.asks) return stay(flow);
  const shown = change(flow, { approval: { message, left, posts, problem, drawn: Math.max(approval.drawn, version) } });
  if (isAskUndrawn(shown)) return stay(shown, [{ do: 'ask' }]);
  // Its end was shown on the card before it was shown here: now that it stands on both, it can leave the list.
  if (!isOpen(flow) && stage !== 'delivered') return stay(shown, [{ do: 'draw' }]);
  return stage === 'held' && problem !== approval.problem ? { flow: shown, effects: [{ do: 'draw' }] } : stay(shown);
}

/**
 * Both messages always agree: what changes the one that asks approvers has it drawn. And an approval is for what was asked
 * for then: whoever asks for something else afterwards begins anew.
 */
function withAskUpToDate(before: Flow, next: Step): Step {
  const { approval } = next.flow;
  if (approval.asks === 0 || next.flow === before) return next;
  const isOther = approval.approved === before.approval.approved && !isSameWork(before.asked, next.flow.asked);
  const flow = isOther ? change(next.flow, { approval: { rule: null, approved: null, offer: null } }) : next.flow;
  if (faceOf(before) === faceOf(flow)) return { ...next, flow };
  const version = approval.version + 1;
  const effects: Effect[] =
    approval.message !== null || flow.stage === 'held' ? [...next.effects, { do: 'ask' }] : next.effects;
  return { ...next, flow: change(flow, { approval: { version } }), effects };
}

/** What the message that asks says, with the way to the card. */
const faceOf = (flow: Flow) => JSON.stringify([flow.card.channel, flow.card.message, renderAsk(flow)]);

const isSameWork = (one: Asked, other: Asked) => workOf(one) === workOf(other);
/** The pictures of a style by their ids: their addresses are new whenever they are read. */
const workOf = (asked: Asked) => {
  const { prompt, models, options, inputs, style } = asked;
  const added = style && { ...style, pictures: pictureIds(asked) };
  return JSON.stringify([prompt, models.map(({ id }) => id), options, added, inputs.map(({ url }) => url)]);
};

/** How many copies a flow remembers; older ones are forgotten. */
const maxCopies = 50;

/** The delivery draws the card itself: another edit could arrive after it. */
const isOnItsCard = ({ stage }: Flow) => stage === 'delivering' || stage === 'delivered';

/**
 * Whether somebody may take the card elsewhere: only its requester, and not while a start or a result is on its way. An
 * end stays where it is: showing it again makes a copy.
 */
export const mayMove = (flow: Flow, by: string) =>
  by === flow.requester && !isTerminal(flow) && flow.stage !== 'delivering' && flow.stage !== 'submitting';

/** Drawn where it may go on, so that nobody goes on editing what is gone, and where nobody can have read of its end. */
const withoutCard = (flow: Flow): Step =>
  stay(lost(flow), isTerminal(flow) && !mayBeUnread(flow) ? [] : [{ do: 'draw' }]);

/** It may be its end that could not be shown; what became of the credits is only looked up after that. */
const mayBeUnread = ({ stage, card, money }: Flow) => stage === 'failed' && !card.lost && money.refund === null;

const lost = (flow: Flow): Flow => change(flow, { card: { message: null, lost: true } });

/** A flow taken up at start that does not know its card looks for it first. */
function withCard({ flow, effects }: Step): Step {
  const unnamed = flow.card.message === null && !flow.card.lost;
  return { flow, effects: [...(unnamed ? [{ do: 'findCard' } as const] : []), ...effects] };
}
