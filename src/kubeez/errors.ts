import { isSessionGone } from './sessionGone.ts';

/**
 * What went wrong, by what it means to a flow.
 * `lost`: a paid call may or may not have been accepted. Every other code proves that it was not, unless it is marked as
 * a claim.
 */
export type KubeezCode =
  | 'outage'
  | 'busy'
  | 'unauthorized'
  | 'insufficient'
  | 'moderation'
  | 'invalid'
  | 'notFound'
  | 'noSession'
  | 'badAnswer'
  /** This server has no tool for that. */
  | 'notOffered'
  | 'lost';

export class KubeezError extends Error {
  override name = 'KubeezError';
  readonly code: KubeezCode;
  /** Words of the server, cut and without links, fit to be shown; empty when there are none. */
  readonly detail: string;
  /** Whether only a paid tool's words say so: they prove nothing, the job may have been accepted before. */
  readonly isClaim: boolean;

  constructor(code: KubeezCode, detail = '', cause?: unknown, isClaim = false) {
    super(`Kubeez: ${code}${detail ? `: ${detail}` : ''}`, { cause });
    this.code = code;
    this.detail = detail;
    this.isClaim = isClaim;
  }
}

/** Whether the same call may work a little later; none of these had any effect. */
export const isPassing = (error: unknown): boolean =>
  error instanceof KubeezError && ['outage', 'busy', 'noSession'].includes(error.code);

/** Whether a paid call that ended like this may have been accepted, and charged. */
export const provesNothing = ({ code, isClaim }: KubeezError): boolean =>
  isClaim || ['lost', 'badAnswer'].includes(code);

/** Error texts in the order in which they are tried; the shape of errors over MCP is not documented. */
const patterns: [RegExp, KubeezCode][] = [
  [/\b429\b|rate.?limit|too many|concurren|quota.*minute/i, 'busy'],
  [/\b402\b|insufficient.?credit|not enough credit/i, 'insufficient'],
  // Before the next: forbidden content is no matter of signing in.
  [/moderat|safety|policy|nsfw|flagged/i, 'moderation'],
  [
    /\b401\b|unauthori[sz]ed|(invalid|expired).{0,20}token|\b403\b|forbidden|(missing|insufficient).{0,3}scope/i,
    'unauthorized',
  ],
  [/\b404\b|not.?found|unknown (generation|id)/i, 'notFound'],
  [/\b5\d\d\b|unavailable|internal (server )?error/i, 'outage'],
];

/** The error behind a tool's own refusal (`isError`): the tool ran and said no, or something broke behind it. */
export function refusalOf(text: string): KubeezError {
  if (isSessionGone(text)) return new KubeezError('noSession');
  return new KubeezError(codeIn(text) ?? (broken.test(text) ? 'outage' : 'invalid'), shown(text));
}

/** What words of an error mean; undefined where they say nothing that is known. */
export const codeIn = (text: string) => patterns.find(([pattern]) => pattern.test(text))?.[1];

/**
 * Words for a failure on the way or a timeout. Whatever else a paid tool says with them, the job may have been accepted
 * before.
 */
const broken =
  /time[ds]?.?out|timed.out|took too long|deadline|gateway|upstream|unavailable|overload|internal|fetch failed|econn|socket|network|connect|server error|unknown error|unexpected|went wrong|output validation|(http|status|code|error)\W{0,4}5\d\d\b|^\W*5\d\d\b/i;

/** Words of a paid tool that speak of a refusal. */
const refusalWords: [RegExp, KubeezCode][] = [
  [/\b429\b|rate.?limit|too many (requests|concurrent|jobs|generations)|concurren|quota/i, 'busy'],
  [
    /\b402\b|(insufficient|not enough).?(credit|balance|fund)|(credit|balance)s? (is |are )?(too low|insufficient)/i,
    'insufficient',
  ],
  [/moderat|safety|(content|usage).?polic|policy.?violat|nsfw|flagged|inappropriate|prohibited/i, 'moderation'],
  [
    /\b401\b|unauthori[sz]ed|(invalid|expired|revoked).{0,20}token|\b403\b|forbidden|(missing|insufficient).{0,3}scope/i,
    'unauthorized',
  ],
  [
    /\b422\b|-3260[12]|unprocessable|(invalid|unknown|unsupported|unrecognized|missing|bad).{0,3}(param|argument|input|model|prompt|image|video|audio|media|file|source|url|voice|language|aspect|duration|resolution|quality|type|seed|option|value|range|trim|field)|input validation|not (allowed|supported)|does not (support|allow|take|accept)|\b(is|are) required|\bexceeds\b|\bmust (be|have|contain)\b|\bat most\b|\bat least\b|too_?long|too_?large/i,
    'invalid',
  ],
];

/** Codes that cannot be in a sentence by chance: they prove that the request itself was refused. */
const refusalCodes: Record<string, KubeezCode> = {
  moderation: 'moderation',
  content_moderation: 'moderation',
  content_policy_violation: 'moderation',
  invalid_parameters: 'invalid',
  invalid_model: 'invalid',
  invalid_voice_id: 'invalid',
  validation_error: 'invalid',
};

/**
 * The refusal that a paid tool speaks of; undefined where it speaks of none. A known code proves it. Words are a claim:
 * servers' own troubles after the job was accepted use the same ones.
 */
export function refusalIn(text: string): KubeezError | undefined {
  const proven = refusalCodes[fieldIn(text, ['error', 'code']) ?? ''];
  if (proven) return new KubeezError(proven, shown(text));
  const code = broken.test(text) ? undefined : refusalWords.find(([pattern]) => pattern.test(text))?.[1];
  return code && new KubeezError(code, shown(text), undefined, true);
}

/** The error behind a paid tool's `isError`, which alone proves nothing: the job may have been accepted before. */
export const paidRefusalOf = (text: string): KubeezError => refusalIn(text) ?? new KubeezError('lost', shown(text));

/** A server's words as a card may show them: one line, no links, at most 300 characters; JSON is opened first. */
export function shown(text: string): string {
  const words = messageIn(text) ?? text;
  return words
    .replace(/https?:\/\/\S+/g, '')
    .replace(/^(MCP error -?\d+:|Error:)\s*/i, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}

const messageIn = (text: string) => fieldIn(text, ['message', 'detail', 'error', 'error_message']);

/** The first of these fields that is a text, where a text is JSON. */
function fieldIn(text: string, names: string[]): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    for (const name of names) {
      const words = Object.entries(value).find(([key]) => key === name)?.[1];
      if (typeof words === 'string') return words;
    }
  } catch {
    // Plain words, not JSON.
  }
  return undefined;
}
