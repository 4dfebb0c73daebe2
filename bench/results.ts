import { z } from 'zod';

/** One figure. */
const figureSchema = z.object({
  what: z.string(),
  /** As people read it. */
  measured: z.string(),
  /** As people read it; `–` where there is none. */
  bound: z.string(),
  holds: z.boolean(),
});

/** How a cost grows. */
const growthSchema = z.object({
  /** What is counted in, such as `open flows`. */
  by: z.string(),
  what: z.string(),
  unit: z.string(),
  points: z.array(z.object({ count: z.number(), cost: z.number() })),
  /** By how much two measurements of the same may differ, in that unit. */
  noise: z.number(),
  /** Null where too little stands out of the noise for a line. */
  exponent: z.number().nullable(),
  holds: z.boolean(),
});

/** What `npm run bench` measured: `bench/results.json`. */
export const resultsSchema = z.object({
  /** The day, as `2026-11-27`. */
  date: z.string(),
  node: z.string(),
  machine: z.object({ cores: z.number(), processor: z.string(), system: z.string() }),
  /** Seconds that the whole run took. */
  seconds: z.number(),
  figures: z.array(figureSchema),
  growth: z.array(growthSchema),
});

export type Figure = z.infer<typeof figureSchema>;
export type Growth = z.infer<typeof growthSchema>;
export type Results = z.infer<typeof resultsSchema>;
