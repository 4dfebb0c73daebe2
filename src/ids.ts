import { randomInt } from 'node:crypto';

const letters = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A name for a flow or a draft, short enough to be said aloud; 31^8 of them make a clash unlikely within a server's life. */
export const newId = () => Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('');

/** A seed to begin variants with. */
export const newSeed = () => randomInt(1, 2_000_000_000);
