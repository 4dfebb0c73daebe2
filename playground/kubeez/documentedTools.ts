import { z } from 'zod';
import { captionArguments, captioned, type Define, mediaArguments, refuse } from './define.ts';
import { partsOf, songsOf, spokenWords, started, statusOf } from './jobAnswers.ts';
import { type Platform, ToolRefusal } from './platform.ts';

/** The tools as kubeez.com/docs describes them. */
export function documentedTools(tool: Define, platform: Platform): void {
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
  tool('get_generation_status', 'How a job stands', { generation_id: z.string() }, 'read', ({ generation_id }) =>
    statusOf(platform, platform.job(generation_id)),
  );
  tool('get_music_status', 'How songs stand', { generation_id: z.string() }, 'read', ({ generation_id }) =>
    songsOf(platform, platform.job(generation_id)),
  );
  tool(
    'generate_dialogue',
    'Starts spoken words; costs credits',
    {
      dialogue: z.array(z.object({ text: z.string(), voice: z.string().optional() })).min(1),
      stability: z.number().optional(),
      language_code: z.string().optional(),
    },
    'pay',
    ({ dialogue, ...rest }) => {
      const prompt = dialogue.map(({ text }) => text).join('\n');
      if (prompt.length < 5 || prompt.length > 5000) refuse('The dialogue must have 5 to 5000 characters.');
      const model = platform.row('text-to-dialogue-v3');
      for (const { voice } of dialogue) {
        if (voice !== undefined && !model.voice_allowlist?.includes(voice)) refuse(`Unknown voice: ${voice}`);
      }
      const request = { ...rest, dialogue, model: model.model_id, prompt, generation_type: 'text-to-dialogue' };
      return started(platform, platform.start('speech', request));
    },
  );
  tool(
    'generate_captions',
    'Writes down what is said and waits for it, 1 to 5 minutes; costs credits',
    captionArguments,
    'pay',
    async (request) => {
      const job = await captioned(platform, request);
      if (platform.stateOf(job) === 'failed') throw new ToolRefusal(422, 'transcription_failed', String(job.error));
      if (platform.settings.captionsAs === 'video')
        return { video_url: `${platform.mediaOrigin}/videos/${job.id}.mp4`, status: 'completed' };
      return { captions: spokenWords(), language: request.language ?? 'en' };
    },
  );
  tool('get_separation_status', 'How a separation stands', { separation_id: z.string() }, 'read', ({ separation_id }) =>
    partsOf(platform, platform.job(separation_id)),
  );
  tool(
    'create_ad_copy',
    'Starts ads after the example of another, one job a variant; costs credits',
    {
      reference_ad_url: z.string(),
      product_text: z.string().min(1),
      product_image_url: z.string().optional(),
      language: z.string().optional(),
      variant_count: z.number().int().min(1).max(4).optional(),
      aspect_ratio: z.string().optional(),
    },
    'pay',
    (request) => {
      const { reference_ad_url, product_text, variant_count = 1 } = request;
      if (platform.price('ad-copy', {}) * variant_count > platform.credits)
        throw new ToolRefusal(402, 'insufficient_credits', 'Insufficient credits.');
      platform.checkRates('ad', variant_count);
      const jobs = Array.from({ length: variant_count }, () =>
        platform.start('ad', {
          ...request,
          model: 'ad-copy',
          prompt: product_text,
          generation_type: 'ad-copy',
          source_media_urls: [reference_ad_url],
        }),
      );
      return { generation_ids: jobs.map((job) => job.id), status: 'pending' };
    },
  );
}
