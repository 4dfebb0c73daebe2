import { z } from 'zod';
import { jobIdsIn } from './jobIds.ts';
import { kindSchema, type Word } from './media.ts';

/**
 * Every answer of the server, parsed. Unknown fields are left out; what a flow cannot do without is required; what
 * some servers leave out, or send as null, has a default. Sources: kubeez.com/docs, tools-media and tools-account.
 */
const text = z.string().min(1);
/** An id, which some servers write as a number. */
const id = z.union([z.string().trim().min(1), z.number().transform(String)]);
const maybe = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined);
/** An optional value: one that cannot be read is left out, and its row is kept. */
const lenient = <Schema extends z.ZodType>(schema: Schema) => maybe(schema).catch(undefined);
/**
 * A list, or a single entry in its place; entries that cannot be read are left out, and anything else gives an empty
 * list.
 */
const listOf = <Schema extends z.ZodType>(schema: Schema) =>
  maybe(z.unknown()).transform((value): z.infer<Schema>[] | undefined => {
    if (value === undefined) return undefined;
    return [value].flat().flatMap((entry) => {
      const read = schema.safeParse(entry);
      return read.success ? [read.data] : [];
    });
  });
const words = listOf(z.union([z.string(), z.number().transform(String)]));
/** A number, also as text (`"7"`), but not with words beside it. */
const number = z.union([
  z.number(),
  z
    .string()
    .trim()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
]);
/** An address, perhaps without a host; one that cannot be read counts as missing. */
const place = text.refine((url) => URL.canParse(url, 'https://kubeez.com'), 'not an address');
const address = lenient(place);
const count = lenient(number.pipe(z.int().nonnegative()));
const credits = number.pipe(z.number().nonnegative());
const amount = lenient(credits);

const capabilitiesSchema = z.object({
  prompt_max_chars: count,
  supports_prompt: lenient(z.boolean()),
  aspect_ratio_options: words,
  supports_aspect_ratio: lenient(z.boolean()),
  duration_options: words,
  resolution: words,
  resolution_options: words,
  quality_options: words,
  supports_sound: lenient(z.boolean()),
  video_audio: lenient(z.string()),
  max_input_images: count,
  max_input_videos: count,
  max_input_audios: count,
  max_input_media: count,
  max_input_file_mb: amount,
  min_input_seconds: amount,
  max_input_seconds: amount,
  generation_types: words,
  input_media_types: words,
});

/** The capabilities of a row that has none, or `{}`. */
export const noCapabilities = capabilitiesSchema.parse({});

const rowSchema = z.object({
  model_id: id,
  display_name: lenient(z.string()),
  provider: lenient(z.string()),
  model_type: text,
  cost_per_generation: credits,
  estimated_time_seconds: amount,
  generation_types: words,
  requires_input_media: lenient(z.boolean()),
  input_media_types: words,
  capabilities: lenient(capabilitiesSchema),
  usage_notes: lenient(z.string()),
  voice_allowlist: words,
});

export type Row = z.infer<typeof rowSchema>;

/** A bare list or `{ models }`. A row that cannot be read is left out; the others are kept. */
export const modelsSchema = z
  .union([z.array(z.unknown()), z.object({ models: z.array(z.unknown()) }).transform(({ models }) => models)])
  .transform((rows) => rows.map((row) => rowSchema.safeParse(row)).flatMap((row) => (row.success ? [row.data] : [])))
  .refine((rows) => rows.length > 0, 'no model could be read');

/** The model that `pick_model` names first; undefined where it names none. */
export const pickSchema = z
  .object({
    primary: z.union([id, z.looseObject({ model_id: lenient(id), model: lenient(id), id: lenient(id) })]).nullable(),
  })
  .transform(({ primary }) =>
    typeof primary === 'string' ? primary : (primary?.model_id ?? primary?.model ?? primary?.id),
  );

export const balanceSchema = z.object({ credits: number, purchase_url: lenient(z.url({ protocol: /^https?$/ })) });

/**
 * What the total of an estimate may be called: its name is not published. The generate answer's own name and its likely
 * relatives, in the order in which they count.
 */
export const totalNames = ['estimated_cost_credits', 'total_credits', 'cost_credits', 'credits', 'cost'] as const;

const total = maybe(credits);

export const estimateSchema = z
  .object({ estimated_cost_credits: total, total_credits: total, cost_credits: total, credits: total, cost: total })
  .transform((answer, context) => {
    const named = totalNames.map((name) => answer[name]).find((value) => value !== undefined);
    if (named !== undefined) return named;
    context.addIssue('no total was given');
    return z.NEVER;
  });

const webLink = lenient(z.url({ protocol: /^https?$/ }));

/** The link's name is published for the newer server only (`url`); the others are what a server might call it. */
export const uploadUrlSchema = z
  .object({ url: webLink, upload_url: webLink, link: webLink, direct_upload_url: lenient(z.url()), token: id })
  .transform((answer, context) => {
    const url = answer.url ?? answer.upload_url ?? answer.link;
    if (url !== undefined) return { url, direct: answer.direct_upload_url ?? null, token: answer.token };
    context.addIssue('no upload link was given');
    return z.NEVER;
  });

export const uploadedSchema = z.object({
  url: place,
  kind: lenient(kindSchema),
  name: lenient(z.string()),
  filename: lenient(z.string()),
  duration_seconds: amount,
  file_size_bytes: amount,
  width: amount,
  height: amount,
  mime_type: lenient(z.string()),
  measurement: lenient(z.string()),
});

/** A session without files may leave out its lists, but an empty answer is not one. */
export const uploadSessionSchema = z
  .object({
    media_urls: listOf(place),
    media: listOf(uploadedSchema),
    billing_readiness: lenient(z.string()),
    count,
  })
  .refine((session) => Object.values(session).some((value) => value !== undefined), 'no upload session');

const outputSchema = z.object({
  url: address,
  thumbnail_url: address,
  optimized_url: address,
  media_type: lenient(kindSchema),
  duration: amount,
});

const wordSchema = z
  .object({
    word: lenient(z.string()),
    text: lenient(z.string()),
    start: amount,
    end: amount,
    start_ms: amount,
    end_ms: amount,
  })
  .transform((word, context): Word => {
    const said = word.word ?? word.text;
    const start = word.start_ms ?? seconds(word.start);
    const end = word.end_ms ?? seconds(word.end);
    if (said !== undefined && start !== undefined && end !== undefined) return [said.trim(), start, end];
    context.addIssue('a word without text or times');
    return z.NEVER;
  });

const seconds = (value: number | undefined) => (value === undefined ? undefined : Math.round(value * 1000));
const spoken = listOf(wordSchema).transform((list) => (list?.length ? list : undefined));

const jobSchema = z
  .looseObject({
    estimated_time_seconds: amount,
    mode_note: lenient(z.string()),
    words: spoken,
    captions: spoken,
    video_url: webLink,
    url: webLink,
    outputs: listOf(outputSchema),
    status: lenient(z.string()),
  })
  .transform((answer, context) => {
    const { ids, isSure } = jobIdsIn(answer);
    const url = answer.video_url ?? answer.url;
    const isDone = answer.status === undefined || /^(complete|success|done|finished)/i.test(answer.status);
    const outputs = url === undefined ? (answer.outputs ?? []) : [outputSchema.parse({ url })];
    const spokenWords = answer.words ?? answer.captions ?? null;
    const hasResult = isDone && (spokenWords !== null || outputs.some((output) => output.url !== undefined));
    const finished = hasResult ? { words: spokenWords, outputs } : undefined;
    if (ids.length > 0 || finished)
      return { ids, isSure, seconds: answer.estimated_time_seconds ?? null, note: answer.mode_note, finished };
    context.addIssue('neither a job nor a result was given');
    return z.NEVER;
  });

/**
 * The start of a job, or of several in a list; captions answer with the result itself. An answer that neither
 * names a job nor holds a result counts as lost.
 */
export const startedSchema = z.union([
  z.array(z.unknown()).transform((entries, context) => {
    const started = entries.flatMap((entry) => {
      const single = id.safeParse(entry);
      const read = jobSchema.safeParse(single.success ? { generation_id: single.data } : entry);
      return read.success ? [read.data] : [];
    });
    const sure = started.filter(({ isSure }) => isSure);
    const [first = started[0]] = sure;
    const named = sure.length > 0 ? sure : started;
    if (first) return { ...first, ids: [...new Set(named.flatMap(({ ids }) => ids))] };
    context.addIssue('no job was given');
    return z.NEVER;
  }),
  jobSchema,
]);

/** Words, or an object that has them. */
const errorText = lenient(
  z.union([z.string(), z.looseObject({ message: z.string() }).transform(({ message }) => message)]),
);

const songSchema = z.object({
  audio_url: address,
  cover_image_url: address,
  title: lenient(z.string()),
  duration: amount,
});

/** How a job stands: media have outputs, music has songs, a separation its two addresses. */
export const statusSchema = z.object({
  status: text,
  outputs: listOf(outputSchema),
  songs: listOf(songSchema),
  vocals_url: address,
  instrumental_url: address,
  error_message: errorText,
  error: errorText,
  credits_deducted: amount,
  seed: lenient(number),
});

export type StatusAnswer = z.infer<typeof statusSchema>;
export type OutputAnswer = z.infer<typeof outputSchema>;

const pastSchema = z.object({
  ...statusSchema.shape,
  id,
  status: lenient(text).transform((word) => word ?? 'unknown'),
  prompt: lenient(z.string()),
  model: lenient(z.string()),
  created_at: lenient(z.union([z.iso.datetime({ offset: true }), z.iso.datetime({ local: true })])),
});

/** A bare list or `{ generations }`. As in the catalogue, a row that cannot be read is left out. */
export const historySchema = z
  .union([
    z.array(z.unknown()),
    z.object({ generations: z.array(z.unknown()) }).transform(({ generations }) => generations),
  ])
  .transform((rows, context) => {
    const read = rows.map((row) => pastSchema.safeParse(row)).flatMap((row) => (row.success ? [row.data] : []));
    if (rows.length > 0 && read.length === 0) context.addIssue('no row could be read');
    return read;
  });
