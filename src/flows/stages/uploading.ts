import type { Effect, Event, Step, UploadedFile } from '../events.ts';
import { inOrder, isEnough, isFull, problemOf } from '../files.ts';
import type { Flow, Input } from '../flow.ts';
import { hasUnseenFiles, lookedAt, type SeenTypes } from '../givenFiles.ts';
import { times } from '../times.ts';
import { toQuoting } from './quoting.ts';
import { end, fail, passingNotice, pauseAfter, type StageStep, show, stay, waiting, whyGivenUp } from './stage.ts';

/** Waits for files: sends the link, says what arrived, goes on when the model has what it needs. */
export const uploading: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'started':
      return stay(flow, nextEffects(flow));
    case 'filesLookedAt':
      return filesLookedAt(flow, event.types, now);
    case 'resumed':
      return show(flow, [...nextEffects(flow), ...unsentLink(flow)]);
    case 'woke':
      if (now >= flow.giveUpAt) return flow.upload ? end(flow, 'expired', now) : fail(flow, whyGivenUp(flow), now);
      return stay({ ...flow, nextCheckAt: nextRead(flow, now, pollMs) }, nextEffects(flow));
    case 'uploadOpened':
      return opened(flow, event, now, pollMs);
    case 'uploadRefused': {
      const waits = waiting(flow, event.reason, now, pollMs);
      return waits ? show(waits) : fail(flow, event.reason, now);
    }
    case 'uploadUnread': {
      const passing = passingNotice(event.reason) ?? 'outage';
      const nextCheckAt = now + pauseAfter(flow.failedReads, passing, pollMs);
      const failed: Flow = { ...flow, nextCheckAt, failedReads: flow.failedReads + 1 };
      // The first failure is often the only one.
      return flow.failedReads > 0 ? show({ ...failed, notice: passing }) : stay(failed);
    }
    case 'linkSent':
      if (!flow.upload || flow.upload.sentBy) return stay(flow);
      return show({ ...withLink(flow, event), notice: kept(flow) }, event.by === 'dm' ? [{ do: 'tellOfLink' }] : []);
    case 'linkNotSent':
      // Neither a DM nor a private answer got through: the card offers a button that shows it.
      return show(withLink(flow, event));
    case 'transferred':
      if (!flow.upload) return stay(flow);
      return stay({ ...flow, upload: { ...flow.upload, transferred: true } }, [{ do: 'readUpload' }]);
    case 'transferFailed':
      return show({ ...flow, attachments: [], notice: 'linkInstead' }, [{ do: 'sendLink' }]);
    case 'uploadSeen':
      return filesSeen(flow, event.files, event.readiness, now, pollMs);
    case 'pressed':
      if (event.action === 'cancel') return end(flow, 'cancelled', now);
      if (event.action === 'done' && isEnough(flow) && flow.upload && flow.notice !== 'measuring')
        return toQuoting(flow, now);
      return show(flow);
    default:
      return stay(flow);
  }
};

/** Files given in Discord: what they really are decides whether a price is asked for, or more files. */
function filesLookedAt(flow: Flow, types: SeenTypes, now: number): Step {
  if (!hasUnseenFiles(flow)) return stay(flow);
  const looked = lookedAt(flow, types);
  // Whoever asks again is asked for other files.
  if (!looked.ok)
    return fail({ ...flow, inputs: [], attachments: [] }, { code: 'badFile', problem: looked.problem }, now);
  const { inputs, attachments, model } = looked.flow;
  if (attachments.length === 0 && isEnough(looked.flow))
    return toQuoting({ ...looked.flow, inputs: inOrder(inputs, model.needs) }, now);
  // Files of a half-met need are uploaded with the rest.
  return show({ ...looked.flow, inputs: inputs.filter(({ role }) => role !== undefined) }, [{ do: 'openUpload' }]);
}

function opened(flow: Flow, event: Extract<Event, { type: 'uploadOpened' }>, now: number, pollMs: number): Step {
  if (flow.upload) return stay(flow);
  const { token, url, direct } = event;
  const upload = { token, url, direct, transferred: false, sentBy: null, explained: null, link: null, startedAt: now };
  const ready: Flow = { ...flow, upload, failedReads: 0, giveUpAt: now + times.uploadCloses };
  const next = { ...ready, nextCheckAt: nextRead(ready, now, pollMs) };
  if (flow.attachments.length > 0 && direct !== null) return stay(next, [{ do: 'transfer' }]);
  // This server takes no files from the bot itself.
  const notice = flow.attachments.length > 0 ? 'linkInstead' : flow.notice;
  return stay({ ...next, attachments: [], notice }, [{ do: 'sendLink' }]);
}

/** Keeps where the link was sent to, so that the messages can be changed when the upload is over. */
function withLink(flow: Flow, event: Extract<Event, { type: 'linkSent' | 'linkNotSent' }>): Flow {
  if (!flow.upload) return flow;
  const explained = event.explained ?? flow.upload.explained;
  if (event.type === 'linkNotSent') return { ...flow, upload: { ...flow.upload, explained } };
  const link = event.by === 'dm' ? event.link : null;
  return { ...flow, upload: { ...flow.upload, explained, link, sentBy: event.by } };
}

/** Why a link came although files were given stays on the card; an outage that is over does not. */
const kept = (flow: Flow) => (flow.notice === 'linkInstead' ? flow.notice : null);

function nextEffects(flow: Flow): Effect[] {
  if (hasUnseenFiles(flow)) return [{ do: 'lookAtFiles' }];
  if (!flow.upload) return [{ do: 'openUpload' }];
  if (flow.attachments.length > 0 && !flow.upload.transferred) return [{ do: 'transfer' }];
  return [{ do: 'readUpload' }];
}

/** A link that is perhaps not out is sent once more after a restart; if it is, Discord knows it by its nonce. */
const unsentLink = ({ upload, attachments }: Flow): Effect[] =>
  upload && !upload.sentBy && attachments.length === 0 ? [{ do: 'sendLink' }] : [];

function nextRead(flow: Flow, now: number, pollMs: number): number {
  const waited = now - (flow.upload?.startedAt ?? now);
  return Math.min(flow.giveUpAt, now + pollMs * (waited < times.uploadSlows ? 1 : times.uploadSlowFactor));
}

function filesSeen(
  flow: Flow,
  files: UploadedFile[],
  readiness: 'exact' | 'pessimistic' | null,
  now: number,
  pollMs: number,
): Step {
  if (!flow.upload) return stay(flow);
  const own = flow.inputs.filter((input) => input.role !== undefined);
  const inputs = [...inOrder(files.map(inputOf), flow.model.needs), ...own];
  const uploadProblem = problemOf(flow, files);
  const isUnmeasured = uploadProblem === null && files.some((file) => file.unmeasured);
  const notice = isUnmeasured ? 'measuring' : kept(flow);
  const seen: Flow = { ...flow, inputs, uploadProblem, readiness, notice, failedReads: 0 };
  const next = { ...seen, nextCheckAt: nextRead(seen, now, pollMs) };
  // Whoever gave files with the command is asked for more only if the job cannot do without.
  const gave = flow.attachments.length > 0;
  if (!isUnmeasured && (isFull(next) || (gave && isEnough(next)))) return toQuoting({ ...next, notice: null }, now);
  const needsLink = gave && flow.upload.sentBy === null && !isUnmeasured && flow.upload.transferred;
  const changed = files.length !== flow.inputs.length - own.length || uploadProblem !== flow.uploadProblem;
  const effects: Effect[] = needsLink ? [{ do: 'sendLink' }] : [];
  return changed || notice !== flow.notice ? show(next, effects) : stay(next, effects);
}

function inputOf({ url, kind, name, seconds, bytes }: UploadedFile): Input {
  return {
    url,
    kind,
    name,
    ...(seconds === undefined ? {} : { seconds }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}
