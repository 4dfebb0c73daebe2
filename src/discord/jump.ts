/** The link to a message (docs: reference, Message Formatting); undefined where it has none. */
export const jumpTo = (guild: string | null, channel: string, message: string | null) =>
  message === null ? undefined : `https://discord.com/channels/${guild ?? '@me'}/${channel}/${message}`;
