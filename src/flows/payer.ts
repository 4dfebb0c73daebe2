import { ownerOf } from '../accountNames.ts';
import { change } from './change.ts';
import type { Flow } from './flow.ts';

/** The account that pays for a flow, and what becomes of the flow when another would pay now. Pure. */

export type Payer = Pick<Flow, 'account' | 'connectedAt'>;

/** Whether its requester pays with an account of their own: what that has left is for nobody else to read. */
export const isOwnAccount = ({ account }: Pick<Flow, 'account'>) => ownerOf(account) !== undefined;

/** What is connected anew may be another account; of older records it is not known when theirs was connected. */
export const isOtherPayer = ({ account, connectedAt }: Payer, payer: Payer) =>
  account !== payer.account || (connectedAt !== null && connectedAt !== payer.connectedAt);

/** Whether files were uploaded for it, which are with its account alone. */
export const hasUploads = ({ upload }: Pick<Flow, 'upload'>) =>
  upload.session !== null || upload.isOver || upload.readiness !== null;

/** Whether what it works from is with its account alone: uploaded files, or a job to be run again. */
export const needsItsAccount = (flow: Flow) => hasUploads(flow) || flow.asked.options.source_job !== undefined;

/**
 * The flow with whoever pays for it now. Where the card named another account beside a price, a press on Confirm that is
 * still on its way was for that one, and so was an approval: the version at the foot of the card tells them apart. A price
 * that no record tells of may have been on it as well.
 */
export function withPayer(flow: Flow, payer: Payer): Flow {
  const paid = { ...flow, ...payer };
  if (!isOtherPayer(flow, payer)) return paid;
  return change(paid, {
    asked: { changes: flow.asked.changes + 1 },
    approval: { rule: null, approved: null, offer: null },
  });
}
