import { z } from 'zod';

/** Where a message is that the bot has sent. */
export const sentMessageSchema = z.object({ channel: z.string(), message: z.string() });
export type SentMessage = z.infer<typeof sentMessageSchema>;
