import { change } from './change.ts';
import { changed } from './changing.ts';
import type { Event, Step } from './events.ts';
import { type Flow, isOpen, isTerminal, type Stage } from './flow.ts';
import { whyNotHeard } from './mayPress.ts';
import { delivered } from './stages/delivered.ts';
import { delivering } from './stages/delivering.ts';
import { failed } from './stages/failed.ts';
import { queued } from './stages/queued.ts';
import { quoted } from './stages/quoted.ts';
import { quoting } from './stages/quoting.ts';
import { running } from './stages/running.ts';
import type { StageStep } from './stages/stage.ts';
import { end, stay } from './stages/stage.ts';
import { submitting } from './stages/submitting.ts';
import { unclear } from './stages/unclear.ts';
import { uploading } from './stages/uploading.ts';

const ended: StageStep = (flow) => stay(flow);

const stageSteps: Record<Stage, StageStep> = {
  uploading,
  quoting,
  quoted,
  queued,
  submitting,
  running,
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
export function step(flow: Flow, event: Event, now: number, pollMs = 5000): Step {
  const refused = event.type === 'pressed' || event.type === 'changed' ? whyNotHeard(flow, event) : undefined;
  if (refused) return { flow, effects: [], refused };
  const next = withUploadEnded(flow, nextStep(flow, event, now, pollMs));
  if (isAwaited(flow, event, next.flow)) return next;
  return {
    ...next,
    effects: next.effects.map((effect) => (effect.do === 'draw' ? { ...effect, canWait: true } : effect)),
  };
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
      // Drawn, so that nobody goes on editing what is gone.
      return stay(lost(flow), isTerminal(flow) ? [] : [{ do: 'draw' }]);
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
      // Only a flow that nobody could have confirmed may vanish like this.
      return isTerminal(flow) || flow.money.confirmed ? stay(flow) : end(flow, 'expired', now, {}, []);
    case 'resumed':
      if (flow.stage === 'delivered') return stay(flow);
      // The process may have ended before this end was drawn.
      if (!isOpen(flow)) return stay(flow, [{ do: 'draw' }]);
      return withCard(stageSteps[flow.stage](flow, event, now, pollMs));
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

const lost = (flow: Flow): Flow => change(flow, { card: { message: null, lost: true } });

/** A flow taken up at start that does not know its card looks for it first. */
function withCard({ flow, effects }: Step): Step {
  const unnamed = flow.card.message === null && !flow.card.lost;
  return { flow, effects: [...(unnamed ? [{ do: 'findCard' } as const] : []), ...effects] };
}
