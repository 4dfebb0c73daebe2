import type { Reason } from '../flows/reasons.ts';
import { type KubeezCode, KubeezError } from '../kubeez/errors.ts';
import type { Logger } from '../log.ts';

const codes: Record<KubeezCode, Reason['code']> = {
  outage: 'outage',
  busy: 'busy',
  unauthorized: 'unauthorized',
  insufficient: 'insufficient',
  moderation: 'moderation',
  invalid: 'invalid',
  notFound: 'modelGone',
  noSession: 'outage',
  badAnswer: 'outage',
  notOffered: 'notOffered',
  lost: 'outage',
};

/** A refusal of the platform as a reason to end a flow. */
export function reasonOf({ code, detail }: KubeezError): Reason {
  return { code: codes[code], ...(detail ? { detail } : {}) };
}

/** Why Kubeez did not answer a read; anything else is a bug and is thrown. */
export function unanswered(error: unknown, log: Logger): Reason {
  if (!(error instanceof KubeezError)) throw error;
  log.warn({ err: error }, 'Kubeez did not answer');
  return reasonOf(error);
}
