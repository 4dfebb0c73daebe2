import { z } from 'zod';
import type { Store } from './store.ts';

const key = 'catalogue:default';

/** Where the last good catalogue lies, for a start while the platform is away. */
export const catalogueCopy = (store: Store) => ({
  load: () => store.get(key, z.unknown()),
  save: (copy: object) => store.set(key, { v: 1, ...copy }),
});
