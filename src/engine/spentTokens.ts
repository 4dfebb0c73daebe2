import { type Flow, isOpen } from '../flows/flow.ts';

/**
 * The record as it is stored: without expired secrets. An interaction's token expires after 15 minutes, and is no longer
 * needed once a flow has ended; an upload link is needed only while the flow waits for files.
 *
 * @param now milliseconds since 1970
 */
export function withoutSpentTokens(flow: Flow, now: number): Flow {
  const isReplySpent = flow.reply.token !== '' && (!isOpen(flow) || now > flow.reply.until);
  const isUploadSpent = flow.upload.session !== null && flow.stage !== 'uploading';
  if (!isReplySpent && !isUploadSpent) return flow;
  return {
    ...flow,
    reply: isReplySpent ? { ...flow.reply, token: '' } : flow.reply,
    upload: isUploadSpent ? { ...flow.upload, session: null } : flow.upload,
  };
}
