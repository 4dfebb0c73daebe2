import pRetry, { AbortError } from 'p-retry';
import type { z } from 'zod';
import type { Logger } from '../log.ts';
import {
  balanceSchema,
  estimateSchema,
  historySchema,
  modelsSchema,
  pickSchema,
  type Row,
  statusSchema,
  uploadedSchema,
  uploadSessionSchema,
  uploadUrlSchema,
} from './answers.ts';
import type { ReadKind, ReadQueue } from './budget.ts';
import type { Connection } from './connection.ts';
import { isPassing, KubeezError } from './errors.ts';
import { absolute, type JobKind, kindByName, readOutputs, readStatus } from './jobStatus.ts';
import { JobWatch } from './jobWatch.ts';
import { linkTo } from './links.ts';
import type { JobStatus, Output, Task, UploadedFile, Word } from './media.ts';
import { isRefused, readResult, type ToolResult } from './result.ts';
import type { StartAnswer } from './startAnswer.ts';
import type { Capability, PaidTool } from './tools.ts';

export interface EstimateRequest {
  model: string;
  generationType?: string;
  options: Record<string, unknown>;
  /** Measured seconds of the video and audio inputs. */
  videoSeconds: number;
  audioSeconds: number;
}

/** What a model is wanted for: what it makes, and how many files of each kind it is given. */
export interface PickRequest {
  modality: string;
  images?: number;
  videos?: number;
  audios?: number;
}

/** A paid call: which tool, and what it is given. */
export interface Start {
  tool: PaidTool;
  args: Record<string, unknown>;
}

export interface Started {
  ids: string[];
  /** Seconds the jobs should take. */
  seconds: number | null;
  note?: string;
  /** The result, where the tool waits for it. */
  finished?: { outputs: Output[]; words: Word[] | null };
  /** Given in place of an answer, which is to be asked for: it has the only one of the `ids`. */
  task?: Task;
}

/** Why a call has no answer in its task, and will have none. */
export interface WithoutAnswer {
  failure: KubeezError;
}

export interface Balance {
  credits: number;
  topUp: string | undefined;
}

export interface PastJob {
  id: string;
  prompt: string | undefined;
  model: string | undefined;
  createdAt: number | undefined;
}

/** A read is answered within this many milliseconds, or tried again. */
const readTimeout = 20_000;
const readRetries = 2;

/** The capability that tells how a job stands. */
const statusOf = { media: 'mediaStatus', music: 'musicStatus', separation: 'separationStatus' } as const;

/** The platform, as far as a flow needs it. Every method throws {@link KubeezError}. */
export class Kubeez {
  readonly #connection: Connection;
  readonly #reads: ReadQueue;
  readonly #mediaOrigin: string;
  readonly #origins: ReadonlySet<string>;
  readonly #log: Logger;
  readonly #watch: JobWatch;
  #balance: Promise<Balance> | undefined;

  /**
   * @param mediaOrigin where root-relative result addresses belong
   * @param origins extra origins that may be linked to (`KUBEEZ_MEDIA_ORIGINS`)
   */
  constructor(connection: Connection, reads: ReadQueue, mediaOrigin: string, log: Logger, origins: string[] = []) {
    this.#connection = connection;
    this.#reads = reads;
    this.#mediaOrigin = mediaOrigin;
    this.#origins = new Set(origins);
    this.#log = log;
    this.#watch = new JobWatch(reads, {
      hasLatest: async () => (await this.#connection.tools()).has('history'),
      latest: () => this.#latest(),
      one: (id) => this.#statusOf('media', id),
    });
  }

  /** Whether the server can do this; undefined before it was reached once. */
  offers(capability: Capability): boolean | undefined {
    return this.#connection.offers(capability);
  }

  /** The rows of the catalogue. */
  models(): Promise<Row[]> {
    return this.#read('asking', 'models', {}, modelsSchema);
  }

  /** The id of the model that the server would take for something; undefined where it picks none. */
  async pick(request: PickRequest): Promise<string | undefined> {
    if (!(await this.#connection.tools()).has('pick')) return undefined;
    return this.#read('watching', 'pick', { ...request }, pickSchema);
  }

  /** Credits left, and where to buy more. Those who ask at the same time share one read. */
  balance(): Promise<Balance> {
    this.#balance ??= this.#read('asking', 'balance', {}, balanceSchema)
      .then(({ credits, purchase_url }) => ({
        credits,
        topUp: purchase_url === undefined ? undefined : linkTo(purchase_url, this.#origins),
      }))
      .finally(() => {
        this.#balance = undefined;
      });
    return this.#balance;
  }

  /** The price in credits; nothing is taken. */
  estimate({ model, generationType, options, videoSeconds, audioSeconds }: EstimateRequest): Promise<number> {
    const args = {
      model,
      ...(generationType === undefined ? {} : { generation_type: generationType }),
      ...options,
      ...(videoSeconds > 0 ? { reference_video_seconds: videoSeconds } : {}),
      ...(audioSeconds > 0 ? { reference_audio_seconds: audioSeconds } : {}),
    };
    return this.#read('asking', 'estimate', args, estimateSchema);
  }

  /** A fresh upload link for files of this model. The link is a key: only its user may see it. */
  async uploadUrl(model: string): Promise<{ url: string; direct: string | null; token: string }> {
    const opened = await this.#read('asking', 'uploadUrl', { model_id: model }, uploadUrlSchema);
    this.#connection.secrets.addPassing(opened.token);
    return opened;
  }

  /** What was uploaded so far, in the order of the person. */
  async uploadSession(token: string): Promise<{ files: UploadedFile[]; readiness: 'exact' | 'pessimistic' }> {
    this.#connection.secrets.addPassing(token);
    const session = await this.#read('watching', 'uploadSession', { token }, uploadSessionSchema);
    // The older form of the answer lists addresses alone; a file that could not be read above may be among them.
    const known = session.media ?? [];
    const others = (session.media_urls ?? []).filter((url) => !known.some((file) => file.url === url));
    const media = [...known, ...others.map((url) => uploadedSchema.parse({ url }))];
    const files = media.map((file, index) => {
      const kind = file.kind ?? kindByName(file.url);
      return {
        url: absolute(file.url, this.#mediaOrigin),
        kind,
        name: file.name ?? file.filename ?? `${kind} ${index + 1}`,
        seconds: file.duration_seconds,
        bytes: file.file_size_bytes,
        width: file.width,
        height: file.height,
        type: file.mime_type,
        unreadable: file.measurement === 'unreadable',
        unmeasured: file.measurement === 'unavailable',
      };
    });
    return { files, readiness: session.billing_readiness === 'exact' ? 'exact' : 'pessimistic' };
  }

  /**
   * Starts a job: THE call that costs credits. It is never sent twice; after `lost` look in the history.
   *
   * @param timeout milliseconds to wait for the answer
   */
  async start({ tool, args }: Start, timeout: number): Promise<Started> {
    return this.#started(await this.#connection.start(tool, args, timeout));
  }

  /**
   * What came of a start that was answered with a task; a task that goes on is given as it is now.
   *
   * @param tool the tool that was called
   * @param kind how its jobs are followed
   */
  async task(id: string, tool: PaidTool, kind: JobKind): Promise<Started | WithoutAnswer> {
    const state = await this.#again(() => this.#reads.run('watching', () => this.#connection.task(id, readTimeout)));
    if ('task' in state) return { ids: [id], seconds: null, task: state.task };
    if ('failure' in state) return state;
    const outputs = this.#resultIn(kind, state.result);
    try {
      const started = this.#started(this.#connection.startIn(tool, state.result));
      return outputs.length > 0 ? { ...started, finished: { words: null, ...started.finished, outputs } } : started;
    } catch (failure) {
      if (!(failure instanceof KubeezError)) throw failure;
      if (outputs.length > 0) return { ids: [], seconds: null, finished: { words: null, outputs } };
      return { failure };
    }
  }

  /** How a job stands that is known by its task alone. */
  async statusOfTask(id: string, tool: PaidTool, kind: JobKind): Promise<JobStatus> {
    const answer = await this.task(id, tool, kind);
    if ('failure' in answer) throw answer.failure;
    const {
      task,
      finished,
      ids: [job = id],
    } = answer;
    if (!task && !finished) return this.status(kind, job);
    const outputs = finished?.outputs ?? [];
    const status = finished ? 'completed' : 'running';
    return { status, outputs, missing: [], isPartial: false, error: null, charged: null, seed: null };
  }

  #started({ ids, seconds, note, finished, task }: StartAnswer & { task?: Task }): Started {
    return {
      ids,
      seconds,
      ...(task ? { task } : {}),
      ...(note === undefined ? {} : { note: this.#connection.secrets.blank(note) }),
      ...(finished
        ? { finished: { words: finished.words, outputs: readOutputs(finished.outputs, this.#mediaOrigin) } }
        : {}),
    };
  }

  /** The results of a job that is done, where what a task ended with says so: it may be the job's status. */
  #resultIn(kind: JobKind, result: ToolResult): Output[] {
    const { data } = isRefused(result) ? {} : readResult(result, statusSchema);
    const status = data && readStatus(kind, data, this.#mediaOrigin);
    return status?.status === 'completed' ? status.outputs : [];
  }

  /** How a job stands. `completed` without all addresses counts as running (seen on the platform). */
  status(kind: JobKind, id: string): Promise<JobStatus> {
    return this.#again(() =>
      kind === 'media' ? this.#watch.status(id) : this.#reads.run('watching', () => this.#statusOf(kind, id)),
    );
  }

  /** Credits that were taken for a media job; null where the platform does not tell. */
  async charged(id: string): Promise<number | null> {
    return (await this.#again(() => this.#watch.status(id, true))).charged;
  }

  async #statusOf(kind: JobKind, id: string): Promise<JobStatus> {
    return this.#withoutSecrets(
      readStatus(
        kind,
        await this.#connection.call(statusOf[kind], { id, kind }, statusSchema, readTimeout),
        this.#mediaOrigin,
      ),
    );
  }

  /** A job's error is shown on its card, in the platform's own words. */
  #withoutSecrets(status: JobStatus): JobStatus {
    return status.error === null ? status : { ...status, error: this.#connection.secrets.blank(status.error) };
  }

  async #latest(): Promise<Map<string, JobStatus>> {
    const rows = await this.#connection.call('history', {}, historySchema, readTimeout);
    return new Map(rows.map((row) => [row.id, this.#withoutSecrets(readStatus('media', row, this.#mediaOrigin))]));
  }

  /** The account's latest jobs with a model, newest first. */
  async history(model: string): Promise<PastJob[]> {
    const rows = await this.#read('watching', 'history', { model }, historySchema);
    return rows.map((row) => ({
      id: row.id,
      prompt: row.prompt,
      model: row.model,
      createdAt: row.created_at === undefined ? undefined : timeOf(row.created_at),
    }));
  }

  /** How many reads the account has left right now. */
  get readsLeft(): number {
    return this.#reads.left;
  }

  /** Closes a session that nobody used for `milliseconds`. */
  closeIdle(milliseconds: number): Promise<void> {
    return this.#connection.closeIdle(milliseconds);
  }

  /** Stops asking; reads that have not ended are refused as in an outage. */
  async close(): Promise<void> {
    this.#reads.stop();
    await this.#connection.close();
  }

  #read<Schema extends z.ZodType>(kind: ReadKind, tool: Capability, args: Record<string, unknown>, schema: Schema) {
    return this.#again(async () => {
      // Connecting counts as no read: an outage must not use up the minute, or prices would wait long after it.
      await this.#connection.tools();
      return this.#reads.run(kind, () => this.#connection.call(tool, args, schema, readTimeout));
    });
  }

  /** Reads are free and may be repeated: twice more, with backoff and jitter, on an outage or a full bucket. */
  #again<Result>(once: () => Promise<Result>): Promise<Result> {
    return pRetry(
      async () => {
        try {
          return await once();
        } catch (error) {
          if (!isPassing(error) && error instanceof Error) throw new AbortError(error);
          this.#log.debug({ err: error }, 'read failed');
          throw error;
        }
      },
      { retries: readRetries, minTimeout: 500 * this.#connection.waitFactor, factor: 3, randomize: true },
    );
  }
}

/** A time without a zone is UTC, as the platform's server writes it. */
const timeOf = (text: string) => Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
