/** The tools' names as the server publishes them (kubeez.com/docs). The only place that spells them. */
export const tools = {
  models: 'get_models',
  balance: 'get_balance',
  history: 'get_generations',
  estimate: 'estimate_generation_cost',
  uploadUrl: 'get_upload_url',
  uploadSession: 'get_upload_session',
  media: 'generate_media',
  music: 'generate_music',
  speech: 'generate_dialogue',
  captions: 'generate_captions',
  separation: 'generate_separation',
  ad: 'create_ad_copy',
  mediaStatus: 'get_generation_status',
  musicStatus: 'get_music_status',
  separationStatus: 'get_separation_status',
} as const;

export type Tool = (typeof tools)[keyof typeof tools];

/** Tools whose call costs credits. */
export type PaidTool = 'media' | 'music' | 'speech' | 'captions' | 'separation' | 'ad';
