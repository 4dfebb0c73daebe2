/** The tools' names as the server publishes them (kubeez.com/docs). The only place that spells them. */
export const tools = {
  models: 'get_models',
  balance: 'get_balance',
  history: 'get_generations',
  estimate: 'estimate_generation_cost',
  uploadUrl: 'get_upload_url',
  uploadSession: 'get_upload_session',
  generate: 'generate_media',
  status: 'get_generation_status',
} as const;

export type Tool = (typeof tools)[keyof typeof tools];
