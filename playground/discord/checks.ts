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
import { refusals } from './errors.ts';

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

const embedTextSchema = z.looseObject({
  title: z.string().optional(),
  description: z.string().optional(),
  footer: z.looseObject({ text: z.string() }).optional(),
  author: z.looseObject({ name: z.string() }).optional(),
  fields: z.array(z.looseObject({ name: z.string(), value: z.string() })).optional(),
});

/** What the documentation says beyond the schema: 2,000 characters of content, 6,000 of embeds, ids used once. */
export function checkMessage(body: {
  content?: string | null | undefined;
  embeds?: unknown[] | null | undefined;
  components?: unknown;
}): void {
  if ((body.content ?? '').length > 2000)
    throw refusals.invalid([
      { path: 'content', message: 'Must be 2000 or fewer in length.', code: 'BASE_TYPE_MAX_LENGTH' },
    ]);
  const total = (body.embeds ?? []).map(embedLength).reduce((sum, one) => sum + one, 0);
  if (total > 6000) throw refusals.invalid([{ path: 'embeds', message: 'Embed size exceeds maximum size of 6000' }]);
  const ids = customIds(body.components);
  if (new Set(ids).size !== ids.length) {
    throw refusals.invalid([{ path: 'components', message: 'Component custom id cannot be duplicated' }]);
  }
}

function embedLength(value: unknown): number {
  const embed = parse(embedTextSchema, value);
  const texts = [embed.title, embed.description, embed.footer?.text, embed.author?.name];
  const fields = (embed.fields ?? []).flatMap(({ name, value }) => [name, value]);
  return [...texts, ...fields].reduce((sum, text) => sum + (text?.length ?? 0), 0);
}

function customIds(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(customIds);
  if (typeof value !== 'object' || value === null) return [];
  const own = 'custom_id' in value && typeof value.custom_id === 'string' ? [value.custom_id] : [];
  return [...own, ...('components' in value ? customIds(value.components) : [])];
}

const commandSchema = z.looseObject({
  name: z.string(),
  description: z.string().optional(),
  type: z.number().optional(),
});

/**
 * A command as Discord's description of itself has it: there permissions are a number, in the documentation, which wins,
 * a text of digits.
 */
export function asDescribed(command: unknown): unknown {
  const parsed = z.looseObject({ default_member_permissions: z.string().regex(/^\d+$/) }).safeParse(command);
  if (!parsed.success) return command;
  return { ...parsed.data, default_member_permissions: Number(parsed.data.default_member_permissions) };
}

/** Checks a whole set of commands: each by schema, its size, names used once, 100 at most. */
export function checkCommands(body: unknown): unknown[] {
  const list = parse(z.array(z.unknown()), body);
  for (const command of list) {
    conform(schemas.command, asDescribed(command));
    if (sizeOf(command) > 8000) throw refusals.invalid([{ path: '', message: 'Command exceeds maximum size (8000)' }]);
  }
  const names = list.map((command) => parse(commandSchema, command)).map(({ type = 1, name }) => `${type}:${name}`);
  if (new Set(names).size !== names.length)
    throw refusals.invalid([{ path: 'name', message: 'Application command names must be unique' }]);
  if (list.length > 100)
    throw refusals.invalid([{ path: '', message: 'Maximum number of application commands reached (100)' }]);
  return list;
}

/** Names, descriptions and values count (docs: interactions/application-commands). */
function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.map(sizeOf).reduce((sum, one) => sum + one, 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value)
    .map(([key, inner]) =>
      ['name', 'description', 'value'].includes(key) && typeof inner === 'string' ? inner.length : sizeOf(inner),
    )
    .reduce((sum, one) => sum + one, 0);
}
