import type { UploadedFile } from '../../kubeez/media.ts';
import type { Input } from '../asked.ts';
import { change } from '../change.ts';
import type { Effect, Event, Step } from '../events.ts';
import type { FileProblem } from '../fileProblems.ts';
import { inOrder, isEnough, isFull, problemOf } from '../files.ts';
import type { Flow } from '../flow.ts';
import { hasUnseenFiles, lookedAt, type SeenTypes } from '../givenFiles.ts';
import type { Reason } from '../reasons.ts';
import { times } from '../times.ts';
import { toQuoting } from './quoting.ts';
import {
  end,
  fail,
  passingNotice,
  pauseAfter,
  type StageStep,
  show,
  stay,
  waiting,
  wakeAt,
  whyGivenUp,
  withNotice,
} from './stage.ts';

/** Waits for files: sends the link, says what arrived, goes on when the model has what it needs. */
export const uploading: StageStep = (flow, event, now, pollMs) => {
  const { session } = flow.upload;
  switch (event.type) {
    case 'started':
      return stay(flow, nextEffects(flow));
    case 'filesLookedAt':
      return filesLookedAt(flow, event.types, now);
    case 'resumed':
      return show(flow, [...nextEffects(flow), ...unsentLink(flow)]);
    case 'woke':
      if (now >= flow.wait.giveUpAt) return session ? end(flow, 'expired', now) : fail(flow, whyGivenUp(flow), now);
      return stay(wakeAt(flow, nextRead(flow, now, pollMs)), nextEffects(flow));
    case 'uploadOpened':
      return opened(flow, event, now, pollMs);
    case 'uploadRefused': {
      const waits = waiting(flow, event.reason, now, pollMs);
      return waits ? show(waits) : fail(flow, event.reason, now);
    }
    case 'uploadUnread':
      return unread(flow, event.reason, now, pollMs);
    case 'linkSent':
      if (!session || session.sentBy) return stay(flow);
      return show(withNotice(withLink(flow, event), kept(flow)), event.by === 'dm' ? [{ do: 'tellOfLink' }] : []);
    case 'linkNotSent':
      // Neither a DM nor a private answer got through: the card offers a button that shows it.
      return show(withLink(flow, event));
    case 'transferred':
      if (!session) return stay(flow);
      return stay(change(flow, { upload: { session: { ...session, transferred: true } } }), [{ do: 'readUpload' }]);
    case 'transferFailed':
      return show(withLinkInstead(flow), [{ do: 'sendLink' }]);
    case 'uploadSeen':
      return filesSeen(flow, event, now, pollMs);
    case 'pressed':
      if (event.action === 'cancel') return end(flow, 'cancelled', now);
      if (event.action === 'done' && isEnough(flow) && session && flow.shown.notice !== 'measuring')
        return toQuoting(flow, now);
      return show(flow);
    default:
      return stay(flow);
  }
};

/** Files given in Discord: what they really are decides whether a price is asked for, or more files. */
function filesLookedAt(flow: Flow, types: SeenTypes, now: number): Step {
  if (!hasUnseenFiles(flow.asked)) return stay(flow);
  const looked = lookedAt(flow, types);
  if (!looked.ok) {
    // Whoever asks again is asked for other files.
    const without = change(flow, { asked: { inputs: [], attachments: [] } });
    return fail(without, { code: 'badFile', problem: looked.problem }, now);
  }
  const { inputs, attachments, models } = looked.flow.asked;
  if (attachments.length === 0 && isEnough(looked.flow))
    return toQuoting(looked.flow, now, { asked: { inputs: inOrder(inputs, models[0].needs) } });
  // Files of a half-met need are uploaded with the rest.
  const rest = change(looked.flow, { asked: { inputs: inputs.filter(({ role }) => role !== undefined) } });
  return show(rest, [{ do: 'openUpload' }]);
}

function opened(flow: Flow, event: Extract<Event, { type: 'uploadOpened' }>, now: number, pollMs: number): Step {
  if (flow.upload.session) return stay(flow);
  const { token, url, direct } = event;
  const session = { token, url, direct, transferred: false, sentBy: null, explained: null, link: null, startedAt: now };
  const ready = change(flow, { upload: { session }, wait: { failedReads: 0, giveUpAt: now + times.uploadCloses } });
  const next = wakeAt(ready, nextRead(ready, now, pollMs));
  if (flow.asked.attachments.length === 0) return stay(next, [{ do: 'sendLink' }]);
  if (direct !== null) return stay(next, [{ do: 'transfer' }]);
  // This server takes no files from the bot itself.
  return stay(withLinkInstead(next), [{ do: 'sendLink' }]);
}

/** Files were given, but only their requester can upload them. */
const withLinkInstead = (flow: Flow): Flow =>
  change(flow, { asked: { attachments: [] }, shown: { notice: 'linkInstead' } });

function unread(flow: Flow, reason: Reason, now: number, pollMs: number): Step {
  const { failedReads } = flow.wait;
  const passing = passingNotice(reason) ?? 'outage';
  const nextCheckAt = now + pauseAfter(failedReads, passing, pollMs);
  const failed = change(flow, { wait: { nextCheckAt, failedReads: failedReads + 1 } });
  // The first failure is often the only one.
  return failedReads > 0 ? show(withNotice(failed, passing)) : stay(failed);
}

/** Keeps where the link was sent to, so that the messages can be changed when the upload is over. */
function withLink(flow: Flow, event: Extract<Event, { type: 'linkSent' | 'linkNotSent' }>): Flow {
  const { session } = flow.upload;
  if (!session) return flow;
  const explained = event.explained ?? session.explained;
  if (event.type === 'linkNotSent') return change(flow, { upload: { session: { ...session, explained } } });
  const link = event.by === 'dm' ? event.link : null;
  return change(flow, { upload: { session: { ...session, explained, link, sentBy: event.by } } });
}

/** The card still says why a link came although files were given; it no longer mentions an outage that is over. */
const kept = ({ shown: { notice } }: Flow) => (notice === 'linkInstead' ? notice : null);

function nextEffects({ asked, upload: { session } }: Flow): Effect[] {
  if (hasUnseenFiles(asked)) return [{ do: 'lookAtFiles' }];
  if (!session) return [{ do: 'openUpload' }];
  if (asked.attachments.length > 0 && !session.transferred) return [{ do: 'transfer' }];
  return [{ do: 'readUpload' }];
}

/** A link that may not have been sent is sent again after a restart; the nonce keeps Discord from posting it twice. */
const unsentLink = ({ upload: { session }, asked }: Flow): Effect[] =>
  session && !session.sentBy && asked.attachments.length === 0 ? [{ do: 'sendLink' }] : [];

function nextRead({ upload: { session }, wait }: Flow, now: number, pollMs: number): number {
  const waited = now - (session?.startedAt ?? now);
  return Math.min(wait.giveUpAt, now + pollMs * (waited < times.uploadSlows ? 1 : times.uploadSlowFactor));
}

function filesSeen(
  flow: Flow,
  { files, readiness }: Extract<Event, { type: 'uploadSeen' }>,
  now: number,
  pollMs: number,
): Step {
  const { session, problem: earlier } = flow.upload;
  if (!session) return stay(flow);
  const [model] = flow.asked.models;
  const own = flow.asked.inputs.filter((input) => input.role !== undefined);
  const inputs = [...inOrder(files.map(inputOf), model.needs), ...own];
  const problem = problemOf(model, files);
  const isUnmeasured = problem === null && files.some((file) => file.unmeasured);
  const notice = isUnmeasured ? 'measuring' : kept(flow);
  const seen = change(flow, {
    asked: { inputs },
    upload: { problem, readiness },
    shown: { notice },
    wait: { failedReads: 0, nextCheckAt: nextRead(flow, now, pollMs) },
  });
  // Whoever gave files with the command is asked for more only if the job cannot do without.
  const gave = flow.asked.attachments.length > 0;
  if (!isUnmeasured && (isFull(seen) || (gave && isEnough(seen))))
    return toQuoting(seen, now, { shown: { notice: null } });
  const needsLink = gave && session.sentBy === null && !isUnmeasured && session.transferred;
  const changed = inputs.length !== flow.asked.inputs.length || !isSame(problem, earlier);
  const effects: Effect[] = needsLink ? [{ do: 'sendLink' }] : [];
  return changed || notice !== flow.shown.notice ? show(seen, effects) : stay(seen, effects);
}

const isSame = (one: FileProblem | null, other: FileProblem | null) => JSON.stringify(one) === JSON.stringify(other);

function inputOf({ url, kind, name, seconds, bytes, width, height }: UploadedFile): Input {
  return {
    url,
    kind,
    name,
    ...(seconds === undefined ? {} : { seconds }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(width === undefined || height === undefined ? {} : { width, height }),
  };
}
