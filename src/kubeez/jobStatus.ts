import type { OutputAnswer, StatusAnswer } from './answers.ts';
import type { JobStatus, MediaKind, Output } from './media.ts';

/** How a job is followed. */
export type JobKind = 'media' | 'music' | 'separation';

type Verdict = 'running' | 'completed' | 'failed' | 'unknown';

/** Words seen on the platform and in its clients. The order matters: `failed to complete` has failed. */
const verdicts: [Exclude<Verdict, 'unknown'>, ReadonlySet<string>][] = [
  // A song's first part is finished, or its words (`FIRST_SUCCESS`, `TEXT_SUCCESS`): the rest is on its way.
  ['running', new Set(['first', 'text', 'not'])],
  // What was finished in part counts as finished with something missing.
  ['completed', new Set(['partial', 'partially'])],
  [
    'failed',
    new Set(
      'fail failed failure error errored exception cancelled canceled rejected refused denied blocked flagged aborted expired timeout timedout terminated killed unsuccessful'.split(
        ' ',
      ),
    ),
  ],
  ['completed', new Set('complete completed success succeeded successful successfully done finished ready'.split(' '))],
  [
    'running',
    new Set(
      'pending queued queue waiting created new submitted accepted scheduled starting started running progress inprogress processing working generating rendering preparing uploading downloading retrying active'.split(
        ' ',
      ),
    ),
  ],
];

/** What a status means, however it is spelled: `Completed`, `IN_PROGRESS`, `timed out`, `GenerateFailed`. */
function verdictOf(status: string): Verdict {
  const words = status
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/timed[^a-z]*out/, 'timedout')
    .split(/[^a-z]+/);
  return verdicts.find(([, known]) => words.some((word) => known.has(word)))?.[0] ?? 'unknown';
}

/**
 * The state of a job. `completed` without all addresses counts as running (seen on the platform); the caller decides for
 * how long.
 *
 * @param origin where root-relative addresses belong
 */
export function readStatus(kind: JobKind, answer: StatusAnswer, origin: string): JobStatus {
  const { outputs, missing } = results(kind, answer, origin);
  const error = answer.error_message || answer.error || null;
  const verdict = verdictOf(answer.status);
  const isWhole = outputs.length > 0 && missing.length === 0;
  const hasEnded = verdict === 'completed' || verdict === 'unknown';
  const hasFailed = verdict === 'failed' || (hasEnded && outputs.length === 0 && error !== null);
  const isDone = verdict === 'completed' && isWhole;
  const isPartial = !hasFailed && !isDone && (verdict === 'completed' || (hasEnded && outputs.length > 0));
  const isUnnamed = outputs.length + missing.length === 0;
  return {
    status: isDone ? 'completed' : hasFailed ? 'failed' : 'running',
    outputs: hasEnded ? outputs : [],
    missing: isPartial ? (isUnnamed ? [1] : missing) : [],
    isPartial,
    error,
    charged: answer.credits_deducted ?? null,
    seed: answer.seed ?? null,
  };
}

interface Results {
  outputs: Output[];
  missing: JobStatus['missing'];
}

/** The results that have their address, and the names of those that have none. A song's `stream_url` is not a result. */
function results(kind: JobKind, answer: StatusAnswer, origin: string): Results {
  switch (kind) {
    case 'media': {
      const { outputs = [] } = answer;
      const missing = outputs.flatMap(({ url }, index) => (url === undefined ? [index + 1] : []));
      return { outputs: readOutputs(outputs, origin), missing };
    }
    case 'music': {
      const { songs = [] } = answer;
      const missing = songs.flatMap(({ audio_url, title }, index) =>
        audio_url === undefined ? [title ?? index + 1] : [],
      );
      const outputs = songs.flatMap(({ audio_url, cover_image_url, title, duration }) =>
        audio_url === undefined
          ? []
          : [
              {
                url: absolute(audio_url, origin),
                kind: 'audio' as const,
                ...(title === undefined ? {} : { name: title }),
                ...(cover_image_url === undefined ? {} : { cover: absolute(cover_image_url, origin) }),
                ...(duration === undefined ? {} : { seconds: duration }),
              },
            ],
      );
      return { outputs, missing };
    }
    case 'separation': {
      const parts = [
        { name: 'vocals', url: answer.vocals_url },
        { name: 'instrumental', url: answer.instrumental_url },
      ];
      return {
        outputs: parts.flatMap(({ name, url }) =>
          url === undefined ? [] : [{ url: absolute(url, origin), kind: 'audio', name }],
        ),
        missing: parts.flatMap(({ name, url }) => (url === undefined ? [name] : [])),
      };
    }
  }
}

/** Those results that have their address. */
export function readOutputs(outputs: OutputAnswer[], origin: string): Output[] {
  return outputs.flatMap(({ url, optimized_url, thumbnail_url, media_type, duration }) =>
    url === undefined
      ? []
      : [
          {
            url: absolute(url, origin),
            kind: media_type ?? kindByName(url),
            ...(optimized_url === undefined ? {} : { smaller: absolute(optimized_url, origin) }),
            ...(thumbnail_url === undefined ? {} : { poster: absolute(thumbnail_url, origin) }),
            ...(duration === undefined ? {} : { seconds: duration }),
          },
        ],
  );
}

/** An address in full: some of the platform's have no host. One that cannot be read stays as it is. */
export const absolute = (url: string, origin: string): string =>
  URL.canParse(url, origin) ? new URL(url, origin).href : url;

/** The kind of a file where nothing else tells it. */
export function kindByName(url: string): MediaKind {
  const path = url.split('?')[0] ?? '';
  if (/\.(mp4|mov|webm|mkv)$/i.test(path)) return 'video';
  return /\.(mp3|wav|ogg|m4a|flac|aac)$/i.test(path) ? 'audio' : 'image';
}
