import { type Flow, isOpen } from '../flows/flow.ts';

/**
 * The record as it is kept: without keys whose time is over. An interaction's token opens nothing after 15 minutes, and is
 * needed no more once a flow has ended; an upload link is needed only while files are awaited.
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
