import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Clock } from '../../src/clock.ts';
import { exampleRows, pricingOf, type Row } from './rows.ts';

/** A refusal as a tool words it. */
export class ToolRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface Job {
  id: string;
  model: string;
  type: string;
  prompt: string;
  arguments: Record<string, unknown>;
  cost: number;
  seed: number;
  createdAt: number;
  /** When it stops running. */
  readyAt: number;
  /** Set by hand in tests; otherwise told by the clock. */
  outcome: 'completed' | 'failed';
  error: string | null;
}

export interface UploadedFile {
  id: string;
  name: string;
  url: string;
  kind: 'image' | 'video' | 'audio';
  mime_type: string;
  file_size_bytes: number;
  duration_seconds?: number;
  width?: number;
  height?: number;
  measurement?: 'unavailable' | 'unreadable';
  data: Buffer;
}

export interface UploadSession {
  token: string;
  model: Row;
  createdAt: number;
  files: UploadedFile[];
}

export interface Settings {
  /** Reads an account has in any minute. */
  readsPerMinute: number;
  /** How many times faster than the platform jobs are. */
  speed: number;
  /** Jobs go on until `finish` is called. */
  hold: boolean;
  /** Milliseconds in which a new id is answered with 404. */
  freshFor: number;
  /** Milliseconds after the end of a job in which its addresses are null. */
  cdnLag: number;
  /** Result addresses without a host, as the platform sometimes gives them. */
  relativeUrls: boolean;
  /** Answers as `structuredContent`, or as JSON in text alone. */
  structured: boolean;
  /** The upload page refuses files that the model cannot take. */
  strictUploads: boolean;
  /** Bytes added to every original, to make it too large for a place. */
  padding: number;
  /** The same for the smaller renditions. */
  smallerPadding: number;
  /** Whether the status tells what was charged; the history always does. */
  chargesInStatus: boolean;
}

/** Published limits (kubeez.com/docs/limitations): a minute, and at once. */
const limits = { media: 30, music: 10, concurrentMedia: 10, concurrentMusic: 5 };
const minute = 60_000;
const linkLife = 60 * minute;

/** Words with an effect: `explicit` is refused by moderation; `doomed` makes a job that fails. */
const refusedWord = /\bexplicit\b/i;
const failingWord = /\bdoomed\b/i;

/** The platform behind the tools: catalogue, credits, jobs, uploads. Changes are announced as `change`. */
export class Platform extends EventEmitter {
  readonly clock: Clock;
  readonly jobs = new Map<string, Job>();
  readonly uploads = new Map<string, UploadSession>();
  readonly settings: Settings = {
    readsPerMinute: 120,
    speed: 1,
    hold: false,
    freshFor: 0,
    cdnLag: 0,
    relativeUrls: true,
    structured: true,
    strictUploads: false,
    padding: 0,
    smallerPadding: 0,
    chargesInStatus: false,
  };
  rows = exampleRows();
  credits = 1000;
  /** Where pages and media are served from; known once the server listens. */
  origin = '';
  /** Reads refused because the minute's budget was used up. */
  refusedReads = 0;
  readonly reads: number[] = [];
  readonly #starts: Record<'media' | 'music', number[]> = { media: [], music: [] };

  constructor(clock: Clock) {
    super();
    this.setMaxListeners(0);
    this.clock = clock;
  }

  changed(): void {
    this.emit('change');
  }

  row(id: string): Row {
    const row = this.rows.find((one) => one.model_id === id);
    if (!row) throw new ToolRefusal(422, 'invalid_model', `Unknown model: ${id}`);
    return row;
  }

  /** Counts a read; refuses what exceeds the minute's budget. */
  countRead(): void {
    const now = this.clock.now();
    this.reads.push(now);
    this.changed();
    const recent = this.reads.filter((at) => at > now - minute).length;
    if (recent <= this.settings.readsPerMinute) return;
    this.refusedReads++;
    throw new ToolRefusal(429, 'rate_limited', 'Rate limit exceeded. Too many requests, wait for the next minute.');
  }

  /** The price of a request in credits. */
  price(model: string, request: Record<string, unknown>): number {
    const row = this.row(model);
    const pricing = pricingOf.get(model) ?? {};
    const tier = pricing.tiers?.[String(request.resolution ?? request.quality)];
    if (tier !== undefined) return tier;
    if (pricing.tiers) return Math.min(...Object.values(pricing.tiers));
    if (pricing.perSecond === undefined) return row.cost_per_generation;
    const seconds = secondsOf(request.duration) ?? secondsOf(optionsOf(row, 'duration_options')[0]) ?? 5;
    const reference = Number(request.reference_video_seconds ?? 0) * (pricing.perReferenceSecond ?? 0);
    const sound = request.sound === true ? (pricing.soundPerSecond ?? 0) : 0;
    return Math.round((seconds * (pricing.perSecond + sound) + reference) * 100) / 100;
  }

  /** Takes the credits and starts a job. Refuses as the platform does, and then takes nothing. */
  start(kind: 'media' | 'music', request: Record<string, unknown> & { model: string; prompt: string }): Job {
    const now = this.clock.now();
    const row = this.row(request.model);
    this.#checkRates(kind, now);
    if (kind === 'media') checkRequest(row, request);
    if (refusedWord.test(request.prompt)) {
      throw new ToolRefusal(422, 'moderation', 'The prompt was flagged by content moderation.');
    }
    const cost = this.price(row.model_id, this.withUploadSeconds(request));
    if (cost > this.credits) {
      throw new ToolRefusal(
        402,
        'insufficient_credits',
        `Insufficient credits: ${cost} needed, ${this.credits} available.`,
      );
    }
    const seed = typeof request.seed === 'number' ? request.seed : randomBytes(3).readUIntBE(0, 3);
    const spread = 0.7 + (hash(`${request.prompt}${seed}`) % 40) / 100;
    const job: Job = {
      id: randomUUID(),
      model: row.model_id,
      type: String(request.generation_type ?? 'text-to-image'),
      prompt: request.prompt,
      arguments: request,
      cost,
      seed,
      createdAt: now,
      readyAt: this.settings.hold
        ? Number.POSITIVE_INFINITY
        : now + (row.estimated_time_seconds * 1000 * spread) / this.settings.speed,
      outcome: failingWord.test(request.prompt) ? 'failed' : 'completed',
      error: failingWord.test(request.prompt) ? 'The provider could not finish this job.' : null,
    };
    this.credits = Math.round((this.credits - cost) * 100) / 100;
    this.#starts[kind].push(now);
    this.jobs.set(job.id, job);
    this.changed();
    return job;
  }

  /** Ends a job now, for tests. */
  finish(id: string, outcome: Job['outcome'] = 'completed', error: string | null = null): void {
    const job = this.job(id);
    Object.assign(job, { readyAt: this.clock.now(), outcome, error });
    this.changed();
  }

  /** A job's state by the clock; a failed one is given back its credits once. */
  stateOf(job: Job): 'pending' | 'processing' | 'completed' | 'failed' {
    const now = this.clock.now();
    if (now < job.readyAt) return now < job.createdAt + 500 ? 'pending' : 'processing';
    if (job.outcome === 'failed' && job.cost > 0) {
      this.credits += job.cost;
      job.cost = 0;
      this.changed();
    }
    return job.outcome;
  }

  job(id: string): Job {
    const job = this.jobs.get(id);
    if (!job || this.clock.now() < job.createdAt + this.settings.freshFor) {
      throw new ToolRefusal(404, 'not_found', 'Generation not found.');
    }
    return job;
  }

  openUpload(model: string): UploadSession {
    const session = {
      token: randomBytes(24).toString('base64url'),
      model: this.row(model),
      createdAt: this.clock.now(),
      files: [],
    };
    this.uploads.set(session.token, session);
    return session;
  }

  upload(token: string): UploadSession {
    const session = this.uploads.get(token);
    if (!session || this.clock.now() > session.createdAt + linkLife) {
      throw new ToolRefusal(404, 'not_found', 'Upload session not found or expired.');
    }
    return session;
  }

  /** The uploaded file behind one of our addresses. */
  uploadedAt(url: string): UploadedFile | undefined {
    const files = [...this.uploads.values()].flatMap((session) => session.files);
    return files.find((file) => url === file.url || url === `${this.origin}${file.url}`);
  }

  /** What was measured of a request's own uploads is what is charged. */
  withUploadSeconds(request: Record<string, unknown>): Record<string, unknown> {
    const urls = Array.isArray(request.source_media_urls) ? request.source_media_urls : [];
    const files = urls.flatMap((url) => this.uploadedAt(String(url)) ?? []);
    const seconds = files
      .filter(({ kind }) => kind === 'video')
      .reduce((sum, file) => sum + (file.duration_seconds ?? 0), 0);
    return seconds > 0 ? { ...request, reference_video_seconds: seconds } : request;
  }

  #checkRates(kind: 'media' | 'music', now: number): void {
    const recent = this.#starts[kind].filter((at) => at > now - minute).length;
    if (recent >= limits[kind])
      throw new ToolRefusal(429, 'rate_limited', 'Rate limit exceeded. Too many requests, wait for the next minute.');
    const music = (job: Job) => this.row(job.model).model_type === 'music';
    const running = [...this.jobs.values()].filter(
      (job) => now < job.readyAt && music(job) === (kind === 'music'),
    ).length;
    const most = kind === 'media' ? limits.concurrentMedia : limits.concurrentMusic;
    if (running >= most)
      throw new ToolRefusal(429, 'concurrency_limit', `Too many concurrent generations (limit ${most}).`);
  }
}

/** Refuses what the row does not allow. */
function checkRequest(row: Row, request: Record<string, unknown> & { prompt: string }): void {
  const refuse = (message: string) => {
    throw new ToolRefusal(422, 'invalid_parameters', message);
  };
  const type = String(request.generation_type ?? 'text-to-image');
  if (!row.generation_types.includes(type)) refuse(`${row.model_id} does not support generation_type ${type}.`);
  const longest = row.capabilities.prompt_max_chars;
  if (typeof longest === 'number' && request.prompt.length > longest) refuse(`prompt exceeds ${longest} characters.`);
  for (const [parameter, options] of [
    ['aspect_ratio', 'aspect_ratio_options'],
    ['duration', 'duration_options'],
    ['resolution', 'resolution_options'],
    ['quality', 'quality_options'],
  ] as const) {
    const value = request[parameter];
    if (value !== undefined && !optionsOf(row, options).includes(String(value)))
      refuse(`${parameter} ${value} is not allowed for ${row.model_id}.`);
  }
  const urls = [request.source_media_urls ?? []].flat().map(String);
  if (row.requires_input_media && urls.length === 0) refuse('source_media_urls is required.');
  const most = ['images', 'videos', 'audios'].reduce(
    (sum, kind) => sum + Number(row.capabilities[`max_input_${kind}`] ?? 0),
    0,
  );
  if (urls.length > most) refuse(`source_media_urls: at most ${most} allowed.`);
  const isLoopback = (url: string) => /^http:\/\/127\.0\.0\.1:\d+\//.test(url);
  if (urls.some((url) => !url.startsWith('https://') && !isLoopback(url))) refuse('source_media_urls must be HTTPS.');
}

function optionsOf(row: Row, key: string): string[] {
  const options = row.capabilities[key];
  return Array.isArray(options) ? options.map(String) : [];
}

function secondsOf(duration: unknown): number | undefined {
  const seconds = Number.parseFloat(String(duration));
  return Number.isFinite(seconds) ? seconds : undefined;
}

const hash = (text: string) => createHash('md5').update(text).digest().readUInt32BE();
