import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { type Job, type Platform, ToolRefusal } from './platform.ts';

/** Whether a tool counts as a read, and what comes after its effect (a lost answer, for instance). */
export interface Hooks {
  /** Called before and after every tool, with its name. */
  before(tool: string): Promise<void> | void;
  after(tool: string): Promise<void> | void;
}

const mediaArguments = {
  prompt: z.string().min(1),
  model: z.string(),
  generation_type: z.string().optional(),
  negative_prompt: z.string().optional(),
  source_media_urls: z.union([z.string(), z.array(z.string())]).optional(),
  aspect_ratio: z.string().optional(),
  duration: z.string().optional(),
  quality: z.string().optional(),
  resolution: z.string().optional(),
  sound: z.boolean().optional(),
  seed: z.number().optional(),
};

/** Makes the server of one session, with the tools of the documented generation. */
export function createTools(platform: Platform, hooks: Hooks): McpServer {
  const server = new McpServer({ name: 'kubeez-stand-in', version: '1.0.0' });

  const tool = <Shape extends z.ZodRawShape>(
    name: string,
    description: string,
    inputSchema: Shape,
    kind: 'read' | 'act',
    answerOf: (request: z.infer<z.ZodObject<Shape>>) => object,
  ) => {
    const schema = z.object(inputSchema);
    server.registerTool(name, { description, inputSchema: schema }, async (request: unknown) => {
      await hooks.before(name);
      let result: CallToolResult;
      try {
        if (kind === 'read') platform.countRead();
        result = resultOf(answerOf(schema.parse(request)), platform.settings.structured);
      } catch (error) {
        if (!(error instanceof ToolRefusal)) throw error;
        const { status, code, message } = error;
        result = { isError: true, content: [{ type: 'text', text: JSON.stringify({ error: code, status, message }) }] };
      }
      await hooks.after(name);
      return result;
    });
  };

  tool('get_models', 'The catalogue', { model_type: z.string().optional() }, 'read', ({ model_type }) => {
    const models = platform.rows.filter((row) => model_type === undefined || row.model_type === model_type);
    return { models, total_count: models.length };
  });
  tool('get_balance', 'Credits left', {}, 'read', () => ({
    credits: platform.credits,
    message: `You have ${platform.credits} credits.`,
    purchase_url: `${platform.origin}/top-up`,
  }));
  tool(
    'get_generations',
    'Your own media, newest first',
    {
      status: z.string().optional(),
      model: z.string().optional(),
      generation_type: z.string().optional(),
      limit: z.number().optional(),
    },
    'read',
    ({ status, model, limit = 25 }) => {
      const rows = [...platform.jobs.values()].reverse().map((job) => historyRow(platform, job));
      const fits = rows.filter((row) => (!model || row.model === model) && (!status || row.status === status));
      return { generations: fits.slice(0, Math.min(25, limit)) };
    },
  );
  tool(
    'estimate_generation_cost',
    'The price of a request; nothing is taken',
    {
      ...mediaArguments,
      prompt: z.string().optional(),
      reference_video_seconds: z.number().optional(),
      reference_audio_seconds: z.number().optional(),
    },
    'read',
    (request) => ({ estimated_cost_credits: platform.price(request.model, request), model: request.model }),
  );
  tool('get_upload_url', 'A link for a person to upload files', { model_id: z.string() }, 'read', ({ model_id }) => {
    const { token } = platform.openUpload(model_id);
    return { url: `${platform.origin}/upload/${token}`, token };
  });
  tool('get_upload_session', 'What was uploaded', { token: z.string() }, 'read', ({ token }) => {
    const { files } = platform.upload(token);
    const media = files.map(({ data: _, id: __, ...file }) => file);
    const seconds = (kind: string) =>
      files.filter((file) => file.kind === kind).reduce((sum, file) => sum + (file.duration_seconds ?? 0), 0);
    const unknown = files.filter((file) => file.measurement).length;
    return {
      media_urls: files.map((file) => file.url),
      media,
      total_video_seconds: seconds('video'),
      total_audio_seconds: seconds('audio'),
      unknown_duration_count: unknown,
      billing_readiness: unknown === 0 ? 'exact' : 'pessimistic_fallback',
      count: files.length,
    };
  });
  tool('generate_media', 'Starts an image or a video; costs credits', mediaArguments, 'act', (request) =>
    started(platform, platform.start('media', request)),
  );
  tool('get_generation_status', 'How a job stands', { generation_id: z.string() }, 'read', ({ generation_id }) =>
    statusOf(platform, platform.job(generation_id)),
  );
  tool(
    'generate_music',
    'Starts two songs; costs credits',
    { prompt: z.string().min(1).max(400), instrumental: z.boolean().optional(), model: z.string().optional() },
    'act',
    ({ prompt, model = 'V5_5' }) =>
      started(platform, platform.start('music', { prompt, model, generation_type: 'text-to-music' })),
  );
  tool('get_music_status', 'How songs stand', { generation_id: z.string() }, 'read', ({ generation_id }) => {
    const job = platform.job(generation_id);
    const status = platform.stateOf(job);
    const songs = [1, 2].map((number) => ({
      id: `${job.id}-${number}`,
      title: `${job.prompt.slice(0, 40)} ${number}`,
      audio_url: status === 'completed' ? addressOf(platform, `/audio/${job.id}-${number}.mp3`) : null,
      stream_url: addressOf(platform, `/audio/${job.id}-${number}.mp3`),
      cover_image_url: addressOf(platform, `/images/${job.id}.png`),
    }));
    return { status, songs, ...(job.error ? { error_message: job.error } : {}) };
  });
  return server;
}

function resultOf(answer: object, structured: boolean): CallToolResult {
  const content: CallToolResult['content'] = [{ type: 'text', text: JSON.stringify(answer) }];
  return structured ? { content, structuredContent: { ...answer } } : { content };
}

function started(platform: Platform, job: Job): object {
  return {
    generation_id: job.id,
    status: 'pending',
    estimated_time_seconds: platform.row(job.model).estimated_time_seconds / platform.settings.speed,
    estimated_cost_credits: job.cost,
  };
}

export const isClip = (job: Job) => job.type.endsWith('video');

function outputsOf(platform: Platform, job: Job): object[] {
  const isThere = platform.clock.now() >= job.readyAt + platform.settings.cdnLag;
  const at = (path: string) => (isThere ? addressOf(platform, path) : null);
  const [original, smaller] = isClip(job)
    ? [`/videos/${job.id}.mp4`, `/previews/${job.id}.mp4`]
    : [`/images/${job.id}.png`, `/images/${job.id}.webp`];
  return [
    {
      id: `${job.id}-1`,
      media_type: isClip(job) ? 'video' : 'image',
      url: at(original),
      thumbnail_url: at(`/posters/${job.id}.png`),
      optimized_url: at(smaller),
    },
  ];
}

const addressOf = (platform: Platform, path: string) =>
  platform.settings.relativeUrls ? path : platform.origin + path;

function statusOf(platform: Platform, job: Job): object {
  const status = platform.stateOf(job);
  return {
    id: job.id,
    status,
    outputs: status === 'completed' ? outputsOf(platform, job) : [],
    ...(job.error && status === 'failed' ? { error_message: job.error } : {}),
    ...(platform.settings.chargesInStatus ? { credits_deducted: job.cost } : {}),
    seed: job.seed,
  };
}

function historyRow(platform: Platform, job: Job) {
  const status = platform.stateOf(job);
  return {
    id: job.id,
    prompt: job.prompt,
    model: job.model,
    generation_type: job.type,
    status,
    created_at: new Date(job.createdAt).toISOString(),
    credits_deducted: job.cost,
    error_message: job.error,
    outputs: status === 'completed' ? outputsOf(platform, job) : [],
  };
}
