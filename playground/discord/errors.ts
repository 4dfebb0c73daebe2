/** A refusal as Discord words it: HTTP status, JSON error code, message (docs: topics/opcodes-and-status-codes). */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;
  readonly errors: unknown;

  constructor(status: number, code: number, message: string, errors?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** What is wrong with one field of a body; `path` has dots between its names and numbers. */
export interface Issue {
  path: string;
  message: string;
  /** Discord's name of the mistake. */
  code?: string;
}

/** Issues as Discord nests them: by the names and numbers of the path, then `_errors`. */
function nested(issues: Issue[]): object {
  const tree: Record<string, unknown> = {};
  for (const { path, message, code = 'BASE_TYPE_INVALID' } of issues) {
    let node = tree;
    for (const name of path.split('.').filter((part) => part !== '')) {
      const inner = node[name];
      const next: Record<string, unknown> = isTree(inner) ? inner : {};
      node[name] = next;
      node = next;
    }
    const known = Array.isArray(node._errors) ? node._errors : [];
    node._errors = [...known, { code, message }];
  }
  return tree;
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

export const refusals = {
  unauthorized: () => new Refusal(401, 0, '401: Unauthorized'),
  notFound: () => new Refusal(404, 0, '404: Not Found'),
  unknownChannel: () => new Refusal(404, 10003, 'Unknown Channel'),
  unknownGuild: () => new Refusal(404, 10004, 'Unknown Guild'),
  unknownMember: () => new Refusal(404, 10007, 'Unknown Member'),
  unknownMessage: () => new Refusal(404, 10008, 'Unknown Message'),
  unknownWebhook: () => new Refusal(404, 10015, 'Unknown Webhook'),
  unknownUser: () => new Refusal(404, 10013, 'Unknown User'),
  unknownInteraction: () => new Refusal(404, 10062, 'Unknown interaction'),
  acknowledged: () => new Refusal(400, 40060, 'Interaction has already been acknowledged.'),
  tooLarge: () => new Refusal(413, 40005, 'Request entity too large'),
  missingAccess: () => new Refusal(403, 50001, 'Missing Access'),
  notTheAuthor: () => new Refusal(403, 50005, 'Cannot edit a message authored by another user'),
  empty: () => new Refusal(400, 50006, 'Cannot send an empty message'),
  dmClosed: () => new Refusal(403, 50007, 'Cannot send messages to this user'),
  missingPermissions: () => new Refusal(403, 50013, 'Missing Permissions'),
  tokenExpired: () => new Refusal(401, 50027, 'Invalid Webhook Token'),
  invalid: (issues: Issue[]) => new Refusal(400, 50035, 'Invalid Form Body', nested(issues)),
  invalidJson: () => new Refusal(400, 50109, 'The request body contains invalid JSON.'),
  archived: () => new Refusal(400, 50083, 'Thread is archived'),
  tooManyCommands: (limit: number) =>
    new Refusal(400, 30032, `Maximum number of application commands reached (${limit}).`),
  tooManyFiles: () => new Refusal(400, 30015, 'Maximum number of attachments in a message reached (10)'),
};
