import {
  ApplicationCommandAutocompleteCallbackRequestSchema,
  ApplicationCommandUpdateRequestSchema,
  CreateMessageInteractionCallbackRequestSchema,
  CreatePrivateChannelRequestSchema,
  IncomingWebhookRequestPartialSchema,
  IncomingWebhookUpdateRequestPartialSchema,
  MessageCreateRequestSchema,
  MessageEditRequestPartialSchema,
  ModalInteractionCallbackRequestSchema,
  UpdateMessageInteractionCallbackRequestSchema,
} from 'discord-api-spec/zod';
import { z } from 'zod';
import type { ZodMiniType } from 'zod/mini';
import { componentIssues } from './components.ts';
import { embedIssues } from './embeds.ts';
import { type Issue, refusals } from './errors.ts';

/** Discord's own schemas, by what is sent. */
export const schemas = {
  command: ApplicationCommandUpdateRequestSchema,
  message: MessageCreateRequestSchema,
  edit: MessageEditRequestPartialSchema,
  followUp: IncomingWebhookRequestPartialSchema,
  answerEdit: IncomingWebhookUpdateRequestPartialSchema,
  dm: CreatePrivateChannelRequestSchema,
  autocomplete: ApplicationCommandAutocompleteCallbackRequestSchema,
  modal: ModalInteractionCallbackRequestSchema,
};

/** What the answer to an interaction must look like, by its type (docs: interactions/receiving-and-responding). */
const callbackSchemas: Record<number, ZodMiniType> = {
  4: CreateMessageInteractionCallbackRequestSchema,
  5: CreateMessageInteractionCallbackRequestSchema,
  6: UpdateMessageInteractionCallbackRequestSchema,
  7: UpdateMessageInteractionCallbackRequestSchema,
  8: ApplicationCommandAutocompleteCallbackRequestSchema,
  9: ModalInteractionCallbackRequestSchema,
};

/** Refuses (400/50035) what Discord's schema refuses. */
export function conform(schema: ZodMiniType, body: unknown): void {
  const result = schema.safeParse(body);
  if (result.success) return;
  throw refusals.invalid(result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })));
}

const callbackSchema = z.object({ type: z.number(), data: z.unknown().optional() });

/** Checks the answer to an interaction. */
export function conformCallback(body: unknown): { type: number; data: unknown } {
  const { type, data } = parse(callbackSchema, body);
  const schema = callbackSchemas[type];
  if (!schema) throw refusals.invalid([{ path: 'type', message: 'Value must be one of {4, 5, 6, 7, 8, 9}' }]);
  conform(schema, body);
  return { type, data };
}

/** Reads the parts of a body the stand-in works with. */
export function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw refusals.invalid(result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })));
}

const mentionSchema = z.looseObject({
  parse: z.array(z.string()).nullish(),
  users: z.array(z.string()).nullish(),
  roles: z.array(z.string()).nullish(),
});

/** What is checked of a message, new or changed. */
export interface MessageBody {
  content?: string | null | undefined;
  embeds?: unknown[] | null | undefined;
  components?: unknown;
  allowed_mentions?: unknown;
  flags?: number | null | undefined;
  nonce?: string | null | undefined;
}

const componentsV2 = 32768;

/** What the documentation says beyond the schema: lengths, rows, addresses, mentions that contradict each other. */
export function checkMessage(body: MessageBody, isV2 = ((body.flags ?? 0) & componentsV2) !== 0): void {
  const issues = [
    ...((body.content ?? '').length > 2000 ? [tooLong('content', 2000)] : []),
    ...((body.nonce ?? '').length > 25 ? [tooLong('nonce', 25)] : []),
    ...(isV2 && (body.content || body.embeds?.length)
      ? [
          {
            path: body.content ? 'content' : 'embeds',
            code: 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
            message: 'This field cannot be used with MessageFlags.IS_COMPONENTS_V2',
          },
        ]
      : []),
    ...embedIssues(body.embeds ?? []),
    ...componentIssues(body.components, isV2),
    ...mentionIssues(body.allowed_mentions),
  ];
  if (issues.length > 0) throw refusals.invalid(issues);
}

const tooLong = (path: string, limit: number): Issue => ({
  path,
  code: 'BASE_TYPE_MAX_LENGTH',
  message: `Must be ${limit} or fewer in length.`,
});

/** Either all people (or roles) that a text names are called, or those listed; never both. */
function mentionIssues(value: unknown): Issue[] {
  if (value === undefined || value === null) return [];
  const allowed = parse(mentionSchema, value);
  return (['users', 'roles'] as const).flatMap((kind) => {
    const listed = allowed[kind] ?? [];
    const path = `allowed_mentions.${kind}`;
    if (listed.length > 100) return [tooLong(path, 100)];
    if (new Set(listed).size !== listed.length)
      return [{ path, code: 'SET_TYPE_ALREADY_CONTAINS_VALUE', message: 'The set already contains this value.' }];
    if (listed.length === 0 || !allowed.parse?.includes(kind)) return [];
    const message = `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`;
    return [{ path: 'allowed_mentions', code: 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE', message }];
  });
}

/**
 * A command as Discord's description of itself has it: there permissions are a number, in the documentation, which wins,
 * a text of digits.
 */
export function asDescribed(command: unknown): unknown {
  const parsed = z.looseObject({ default_member_permissions: z.string().regex(/^\d+$/) }).safeParse(command);
  if (!parsed.success) return command;
  return { ...parsed.data, default_member_permissions: Number(parsed.data.default_member_permissions) };
}
