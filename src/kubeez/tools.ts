import { z } from 'zod';

/**
 * What the bot may ask of a server, and the names under which servers offer it; the first that is there is used. No other
 * file contains these names. Sources: kubeez.com/docs for the documented generation, glama.ai/mcp/connectors for the
 * newer one.
 */
const names = {
  models: ['get_models'],
  pick: ['pick_model'],
  balance: ['get_balance'],
  history: ['get_generations'],
  estimate: ['estimate', 'estimate_generation_cost', 'get_generation_estimate'],
  uploadUrl: ['get_upload_url'],
  uploadSession: ['get_upload_session'],
  media: ['generate_media'],
  music: ['generate_music'],
  speech: ['generate_dialogue', 'generate_speech'],
  captions: ['generate_captions'],
  separation: ['generate_separation'],
  ad: ['create_ad_copy', 'generate_ad_copy'],
  regenerate: ['regenerate'],
  cutout: ['remove_background'],
  sound: ['generate_sound'],
  dub: ['generate_dubbing'],
  mediaStatus: ['get_status', 'get_generation_status'],
  musicStatus: ['get_status', 'get_music_status'],
  separationStatus: ['get_status', 'get_separation_status'],
} as const;

export type Capability = keyof typeof names;

/** Capabilities whose call costs credits. */
export type PaidTool =
  | 'media'
  | 'music'
  | 'speech'
  | 'captions'
  | 'separation'
  | 'ad'
  | 'regenerate'
  | 'cutout'
  | 'sound'
  | 'dub';

/** Other names a parameter goes by. */
const aliases: Record<string, string[]> = {
  id: ['generation_id', 'separation_id'],
  language: ['language_code'],
  image_url: ['media_url', 'source_url'],
  video_url: ['media_url', 'source_url'],
  languages: ['target_languages', 'language_codes'],
};

/** A tool as `tools/list` describes it. A part that cannot be read does not exclude the tool. */
export const toolSchema = z.object({
  name: z.string(),
  description: z.string().optional().catch(undefined),
  inputSchema: z
    .object({ properties: z.record(z.string(), z.unknown()).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

export type Listed = z.infer<typeof toolSchema>;

/** A capability as this server has it. */
interface Bound {
  name: string;
  /** The arguments under the names that the tool knows; what it does not know is left out. */
  fit(args: Record<string, unknown>): Record<string, unknown>;
}

export type Tools = ReadonlyMap<Capability, Bound>;

/** Finds each capability among the tools a server lists. */
export function bindTools(listed: Listed[]): Tools {
  const byName = new Map(listed.map((tool) => [tool.name, tool]));
  const bound = new Map<Capability, Bound>();
  for (const capability of capabilities) {
    const tool = names[capability].map((name) => byName.get(name)).find((one) => one !== undefined);
    if (!tool) continue;
    // The names alone are kept: with an account for each of many servers, schemas would add up.
    const known = new Set(Object.keys(tool.inputSchema?.properties ?? {}));
    bound.set(capability, { name: tool.name, fit: (args) => fitted(args, known) });
  }
  return bound;
}

const isCapability = (name: string): name is Capability => name in names;
export const capabilities: Capability[] = Object.keys(names).filter(isCapability);

function fitted(args: Record<string, unknown>, known: ReadonlySet<string>): Record<string, unknown> {
  // A tool that does not say what it takes is given everything.
  if (known.size === 0) return args;
  return Object.fromEntries(
    Object.entries(args).flatMap(([name, value]) => {
      const spelled = [name, ...(aliases[name] ?? [])].find((one) => known.has(one));
      return spelled === undefined ? [] : [[spelled, value]];
    }),
  );
}
