import { createHash } from 'node:crypto';
import type { Card } from '../flows/card.ts';

/** A hash of what a message shows, to skip edits that would change nothing. */
export const lookOf = (message: string, body: Card) =>
  createHash('sha1')
    .update(message + JSON.stringify(body))
    .digest('base64');
