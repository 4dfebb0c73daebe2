import type { UploadedFile } from '../events.ts';
import type { Flow } from '../flow.ts';
import { times } from '../times.ts';
import { toQuoting } from './quoting.ts';
import { end, fail, type StageStep, show, stay } from './stage.ts';

/** Waits for files: sends the link, says what arrived, goes on when the model has what it needs. */
export const uploading: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'started':
      return stay(flow, [{ do: 'openUpload' }]);
    case 'resumed':
      return show(flow, nextEffects(flow));
    case 'woke':
      if (now >= flow.giveUpAt) return end(flow, 'expired', now);
      return stay({ ...flow, nextCheckAt: nextRead(flow, now, pollMs) }, nextEffects(flow));
    case 'uploadOpened': {
      if (flow.upload) return stay(flow);
      const upload = { token: event.token, url: event.url, sentBy: null, startedAt: now };
      const opened = { ...flow, upload, giveUpAt: now + times.uploadCloses };
      return stay({ ...opened, nextCheckAt: nextRead(opened, now, pollMs) }, [{ do: 'sendLink' }]);
    }
    case 'uploadRefused':
      if (event.reason.code !== 'outage') return fail(flow, event.reason, now);
      return show({ ...flow, notice: 'outage', nextCheckAt: now + times.priceRetry });
    case 'linkSent':
      if (!flow.upload) return stay(flow);
      return show({ ...flow, notice: null, upload: { ...flow.upload, sentBy: event.by } });
    case 'linkNotSent':
      // Neither a DM nor a private answer got through: the card offers a button that sends it.
      return show(flow);
    case 'uploadSeen':
      return filesSeen(flow, event.files, event.readiness, now, pollMs);
    case 'pressed':
      if (event.action === 'cancel') return end(flow, 'cancelled', now);
      if (event.action === 'done' && isEnough(flow)) return toQuoting(flow, now);
      return show(flow);
    default:
      return stay(flow);
  }
};

/** The model can work with what has arrived. */
export const isEnough = (flow: Flow) => flow.uploadProblem === null && flow.inputs.length >= flow.model.inputsMin;

function nextEffects(flow: Flow) {
  if (!flow.upload) return [{ do: 'openUpload' } as const];
  const read = { do: 'readUpload' } as const;
  return flow.upload.sentBy ? [read] : [{ do: 'sendLink' } as const, read];
}

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
) {
  const inputs = files.map(({ unreadable: _, ...file }) => withoutUnset(file));
  const uploadProblem = problemOf(flow, files);
  const seen = { ...flow, inputs, uploadProblem, readiness, notice: null };
  const next = { ...seen, nextCheckAt: nextRead(flow, now, pollMs) };
  if (uploadProblem === null && inputs.length >= flow.model.inputsMax) return toQuoting(next, now);
  const changed = inputs.length !== flow.inputs.length || uploadProblem !== flow.uploadProblem || flow.notice !== null;
  return changed ? show(next) : stay(next);
}

function withoutUnset(file: Omit<UploadedFile, 'unreadable'>): Flow['inputs'][number] {
  return {
    url: file.url,
    kind: file.kind,
    name: file.name,
    ...(file.seconds === undefined ? {} : { seconds: file.seconds }),
    ...(file.bytes === undefined ? {} : { bytes: file.bytes }),
  };
}

/** One sentence on what is wrong with the files, or null. */
function problemOf({ model }: Flow, files: UploadedFile[]): string | null {
  const need = wanted(model);
  const unreadable = files.find((file) => file.unreadable);
  if (unreadable)
    return `Kubeez cannot read “${unreadable.name}”. ${model.name} needs ${need}; PNG, JPEG, WebP and MP4 work.`;
  const wrong = files.find((file) => !model.inputKinds.includes(file.kind));
  if (wrong) return `“${wrong.name}” is ${article(wrong.kind)}, but ${model.name} needs ${need}.`;
  if (files.length > model.inputsMax) return `${files.length} files arrived, but ${model.name} takes ${need}.`;
  return null;
}

const article = (kind: string) => (kind === 'video' ? 'a video' : kind === 'audio' ? 'an audio file' : 'an image');

/** What a model needs, in words: "1 image", "1 to 8 images". */
export function wanted(model: Flow['model']): string {
  const kinds = model.inputKinds.join(' or ') || 'file';
  const { inputsMin: min, inputsMax: max } = model;
  return min === max ? `${max} ${kinds}${max === 1 ? '' : 's'}` : `${min} to ${max} ${kinds}s`;
}
