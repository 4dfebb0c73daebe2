/** Words for a session that a server does not know; an upload session is another thing. */
const gone =
  /(?<!upload )\bsession\b.{0,40}\b(not found|unknown|invalid|expired|terminated|closed|missing|required|does not exist)|\b(no|unknown|invalid|expired|bad|missing|stale)\b.{0,20}(?<!upload )\bsession\b|not (yet )?initiali[sz]ed|(call|send) initiali[sz]e/i;

/** Whether a server's words say that it does not know the session. */
export const isSessionGone = (text: string): boolean => gone.test(text);
