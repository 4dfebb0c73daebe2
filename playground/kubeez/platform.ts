import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Clock } from '../../src/clock.ts';
import { exampleRows, pricingOf, type Row } from './rows.ts';
import type { CallTask } from './tasks.ts';

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

/** What jobs are, as far as limits and answers differ. */
export type JobKind = 'media' | 'music' | 'speech' | 'ad' | 'captions' | 'separation' | 'cutout' | 'sound' | 'dub';

export interface Job {
  id: string;
  kind: JobKind;
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
  uploadedAt: number;
  data: Buffer;
}

export interface UploadSession {
  token: string;
  model: Row;
  createdAt: number;
  files: UploadedFile[];
}

export interface Settings {
  /** Which form of MCP is spoken: with sessions (until 2025-11-25), without (2026-07-28), or either as it is asked for. */
  era: 'sessions' | 'stateless' | 'both';
  /**
   * What calls are answered with whose client says that it follows tasks (MCP 2026-07-28): their own answer, a task that has
   * that answer, or a task that has the result once the jobs are over.
   */
  tasks: 'none' | 'start' | 'result';
  /** Milliseconds that are wanted between two looks at a task. */
  taskPause: number;
  /** Which generation of tools there is; mixed: both, as on a server in between. */
  generation: 'documented' | 'newer' | 'mixed';
  /** Tools that this server does not have. */
  withdrawn: string[];
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
  /** Answers come as a stream of events, whose beginning is sent at once. */
  streams: boolean;
  /** Answers come as streams that end before they are complete; the rest is fetched with Last-Event-ID. */
  breaksStreams: boolean;
  /** The upload page refuses files that the model cannot take. */
  strictUploads: boolean;
  /** What part of their usual width and height pictures and clips have: small ones are made sooner. */
  mediaScale: number;
  /** Bytes added to every original, to make it too large for a place. */
  padding: number;
  /** The same for the smaller renditions. */
  smallerPadding: number;
  /** Whether the status tells what was charged; the history always does. */
  chargesInStatus: boolean;
  /** Milliseconds after its failure in which a job is given back its credits; null: it never is. */
  refundsAfter: number | null;
  /** Whether sessions name an address to which a program may bring files. */
  directUploads: boolean;
  /** Milliseconds after its upload in which a clip or sound is not measured yet. */
  measureLag: number;
  /** Where credits are bought; null: a page of the stand-in. */
  topUp: string | null;
  /** How files are sent, although nobody asked for it. */
  encoding: 'gzip' | 'deflate' | 'br' | null;
  /** What a status, a history row, songs or the parts of a separation say in the end: tests change it. */
  said: (answer: Record<string, unknown>) => Record<string, unknown>;
  /** What `pick_model` names first, by `generation_type`; otherwise the cheapest that is able. */
  picks: Record<string, string>;
  /** Milliseconds after its start in which a job is not in the history yet. */
  historyLag: number;
  /** Milliseconds by which the platform's clock is ahead; less than 0: behind. */
  clockOffset: number;
  /** Captions answer with words and their times, or with the finished video. */
  captionsAs: 'words' | 'video';
  /** By how much everything is dearer than its row says. */
  priceFactor: number;
}

/** Published limits (kubeez.com/docs/limitations): starts a minute, and jobs at once. */
const limits: Partial<Record<JobKind, { perMinute: number; atOnce: number }>> = {
  media: { perMinute: 30, atOnce: 10 },
  music: { perMinute: 10, atOnce: 5 },
  speech: { perMinute: 10, atOnce: 5 },
  ad: { perMinute: 5, atOnce: 10 },
};
/** Kinds of jobs that work on a file alone. */
const wordless: JobKind[] = ['captions', 'separation', 'cutout', 'dub'];
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
  /** Calls that were answered with a task, by its id: one that is taken out is known no more. */
  readonly tasks = new Map<string, CallTask>();
  readonly settings: Settings = {
    era: 'sessions',
    tasks: 'none',
    taskPause: 5000,
    generation: 'documented',
    withdrawn: [],
    readsPerMinute: 120,
    speed: 1,
    hold: false,
    freshFor: 0,
    cdnLag: 0,
    relativeUrls: true,
    structured: true,
    streams: false,
    breaksStreams: false,
    strictUploads: false,
    mediaScale: 1,
    padding: 0,
    smallerPadding: 0,
    chargesInStatus: false,
    refundsAfter: 0,
    directUploads: true,
    measureLag: 0,
    topUp: null,
    encoding: null,
    said: (answer) => answer,
    picks: {},
    historyLag: 0,
    clockOffset: 0,
    captionsAs: 'words',
    priceFactor: 1,
  };
  rows: Row[];
  credits = 1000;
  /** Where tools and pages are served from, and where media are; known once the server listens. */
  origin = '';
  mediaOrigin = '';
  /** Reads a file from anywhere, as far as it can be had. */
  readFile: (url: string) => Promise<Buffer | undefined> = overNetwork;
  /** Reads refused because the minute's budget was used up. */
  refusedReads = 0;
  /** Starts refused because the minute was used up, or too many jobs ran. */
  refusedStarts = 0;
  readonly reads: number[] = [];
  readonly #starts: { kind: JobKind; at: number }[] = [];

  /** @param rows its catalogue; the whole of the example when left out */
  constructor(clock: Clock, rows = exampleRows()) {
    super();
    this.setMaxListeners(0);
    this.clock = clock;
    this.rows = rows;
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

  /** The catalogue with the prices of now. */
  pricedRows(): Row[] {
    const { priceFactor } = this.settings;
    return this.rows.map((row) => ({ ...row, cost_per_generation: rounded(row.cost_per_generation * priceFactor) }));
  }

  /** The price of a request in credits. */
  price(model: string, request: Record<string, unknown>): number {
    return rounded(this.#usualPrice(model, request) * this.settings.priceFactor);
  }

  #usualPrice(model: string, request: Record<string, unknown>): number {
    const row = this.row(model);
    const pricing = pricingOf.get(model) ?? {};
    const tier = pricing.tiers?.[String(request.resolution ?? request.quality)];
    if (tier !== undefined) return tier;
    if (pricing.tiers) return Math.min(...Object.values(pricing.tiers));
    const video = Number(request.reference_video_seconds ?? 0);
    const audio = Number(request.reference_audio_seconds ?? 0);
    if (pricing.perMinute !== undefined) return Math.ceil(measured(row, video + audio) / 60) * pricing.perMinute;
    if (pricing.perAudioSecond !== undefined && audio > 0) return rounded(audio * pricing.perAudioSecond);
    if (pricing.perSecond === undefined) {
      if (pricing.perReferenceSecond === undefined) return row.cost_per_generation;
      return Math.max(0.5, rounded(measured(row, video) * pricing.perReferenceSecond));
    }
    const seconds = secondsOf(request.duration) ?? secondsOf(optionsOf(row, 'duration_options')[0]) ?? 5;
    const reference = video * (pricing.perReferenceSecond ?? 0);
    const sound = request.sound === true ? (pricing.soundPerSecond ?? 0) : 0;
    return Math.round((seconds * (pricing.perSecond + sound) + reference) * 100) / 100;
  }

  /** Takes the credits and starts a job. Refuses as the platform does, and then takes nothing. */
  start(kind: JobKind, request: Record<string, unknown> & { model: string; prompt: string }): Job {
    const now = this.clock.now();
    const row = this.row(request.model);
    this.checkRates(kind);
    if (kind === 'media') {
      checkRequest(row, request);
      this.#checkSources(row, request);
    }
    if (!wordless.includes(kind) && request.prompt.trim() === '')
      throw new ToolRefusal(422, 'invalid_parameters', 'prompt must not be empty.');
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
      kind,
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
    this.#starts.push({ kind, at: now });
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

  /** Jobs are this many times faster than the platform's from now on, also those that run. */
  setSpeed(speed: number): void {
    const now = this.clock.now();
    const pace = this.settings.speed / speed;
    for (const job of this.jobs.values()) if (job.readyAt > now) job.readyAt = now + (job.readyAt - now) * pace;
    this.settings.speed = speed;
    this.changed();
  }

  /** Ends every job that runs. */
  finishAll(): void {
    const now = this.clock.now();
    for (const job of this.jobs.values()) job.readyAt = Math.min(job.readyAt, now);
    this.changed();
  }

  /** The credits that are left, with what failed jobs were given back by now. */
  balance(): number {
    for (const job of this.jobs.values()) this.stateOf(job);
    return this.credits;
  }

  /** A job's state by the clock; a failed one is given back its credits once. */
  stateOf(job: Job): 'pending' | 'processing' | 'completed' | 'failed' {
    const now = this.clock.now();
    if (now < job.readyAt) return now < job.createdAt + 500 ? 'pending' : 'processing';
    const { refundsAfter } = this.settings;
    if (job.outcome === 'failed' && job.cost > 0 && refundsAfter !== null && now >= job.readyAt + refundsAfter) {
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
    return files.find((file) => url === file.url || url === `${this.mediaOrigin}${file.url}`);
  }

  /** Kind and seconds of a file of ours, uploaded or made; undefined for any other address. */
  fileAt(url: string): { kind: UploadedFile['kind']; seconds: number } | undefined {
    const uploaded = this.uploadedAt(url);
    if (uploaded) return { kind: uploaded.kind, seconds: uploaded.duration_seconds ?? 0 };
    const path = url.startsWith(this.mediaOrigin) ? url.slice(this.mediaOrigin.length) : url;
    const [, folder, id = ''] = /^\/(images|videos|audio)\/([0-9a-f-]{36})/.exec(path) ?? [];
    const job = this.jobs.get(id);
    if (!job || !folder) return undefined;
    if (folder === 'images') return { kind: 'image', seconds: 0 };
    return folder === 'videos' ? { kind: 'video', seconds: clipSeconds(job) } : { kind: 'audio', seconds: songSeconds };
  }

  /** What was measured of a request's own files is what is charged. */
  withUploadSeconds(request: Record<string, unknown>): Record<string, unknown> {
    const files = sourcesOf(request).flatMap((url) => this.fileAt(url) ?? []);
    const seconds = (kind: string) =>
      files.filter((file) => file.kind === kind).reduce((sum, one) => sum + one.seconds, 0);
    return { ...request, reference_video_seconds: seconds('video'), reference_audio_seconds: seconds('audio') };
  }

  /** A file that tools take only from the platform's own store. */
  ownFile(url: string): { kind: UploadedFile['kind']; seconds: number } {
    const file = this.fileAt(url);
    if (!file) throw new ToolRefusal(422, 'invalid_parameters', 'media_url must be a Kubeez upload.');
    return file;
  }

  /** Resolves when a job is over. */
  over(job: Job): Promise<void> {
    return new Promise((resolve) => {
      let stop = () => {};
      let awaited = Number.POSITIVE_INFINITY;
      const look = () => {
        if (this.clock.now() >= job.readyAt) {
          this.off('change', look);
          stop();
          return resolve();
        }
        if (job.readyAt === awaited) return;
        awaited = job.readyAt;
        stop();
        stop = this.clock.wakeAt(Math.ceil(awaited) + 1, look);
      };
      this.on('change', look);
      look();
    });
  }

  /** Motion control: one image, then one video of 3 to 30 seconds. */
  #checkSources(row: Row, request: Record<string, unknown>): void {
    if (!row.model_id.includes('motion-control')) return;
    const [first, second, ...rest] = sourcesOf(request).map((url) => this.fileAt(url));
    const isRight = first?.kind === 'image' && second?.kind === 'video' && rest.length === 0;
    if (!isRight) throw new ToolRefusal(422, 'invalid_parameters', 'source_media_urls: one image, then one video.');
    if (second.seconds < 3 || second.seconds > 30)
      throw new ToolRefusal(422, 'invalid_parameters', 'The video must be 3 to 30 seconds long.');
  }

  /** Refuses starts that would pass the limits of their kind; of one call all together, so that none of them is begun. */
  checkRates(kind: JobKind, count = 1): void {
    const limit = limits[kind];
    if (!limit) return;
    const now = this.clock.now();
    const recent = this.#starts.filter((start) => start.kind === kind && start.at > now - minute).length;
    const running = [...this.jobs.values()].filter((job) => job.kind === kind && now < job.readyAt).length;
    if (recent + count <= limit.perMinute && running + count <= limit.atOnce) return;
    this.refusedStarts++;
    if (recent + count > limit.perMinute)
      throw new ToolRefusal(429, 'rate_limited', 'Rate limit exceeded. Too many requests, wait for the next minute.');
    throw new ToolRefusal(429, 'concurrency_limit', `Too many concurrent generations (limit ${limit.atOnce}).`);
  }
}

/** Seconds of a made clip, and of a made song. */
export const clipSeconds = (job: Job) =>
  Math.min(15, Math.max(2, Number.parseInt(String(job.arguments.duration ?? '5'), 10) || 5));
export const songSeconds = 8;

const rounded = (credits: number) => Math.round(credits * 100) / 100;

/** Length-billed rows refuse what was not measured instead of charging a guess. */
function measured(row: Row, seconds: number): number {
  if (seconds > 0) return seconds;
  throw new ToolRefusal(
    422,
    'invalid_parameters',
    `${row.model_id} is billed by length: reference seconds are needed.`,
  );
}

async function overNetwork(url: string): Promise<Buffer | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
    return answer.ok ? Buffer.from(await answer.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  }
}

const sourcesOf = (request: Record<string, unknown>) =>
  [request.source_media_urls ?? request.media_url ?? request.video_url ?? []].flat().map(String);

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
