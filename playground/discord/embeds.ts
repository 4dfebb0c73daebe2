import { z } from 'zod';
import { addressIssues } from './components.ts';
import type { Issue } from './errors.ts';

/** What the documentation says of embeds beyond the schema (docs: resources/message#embed-object-embed-limits). */

const addressSchema = z.looseObject({ url: z.string().nullish(), icon_url: z.string().nullish() }).nullish();
const embedSchema = z.looseObject({
  title: z.string().nullish(),
  description: z.string().nullish(),
  url: z.string().nullish(),
  image: addressSchema,
  thumbnail: addressSchema,
  footer: z.looseObject({ text: z.string().nullish(), icon_url: z.string().nullish() }).nullish(),
  author: z
    .looseObject({ name: z.string().nullish(), url: z.string().nullish(), icon_url: z.string().nullish() })
    .nullish(),
  fields: z.array(z.looseObject({ name: z.string().nullish(), value: z.string().nullish() })).nullish(),
});
type Embed = z.infer<typeof embedSchema>;

const web = ['http:', 'https:'];
const webOrFile = [...web, 'attachment:'];

/** Texts too long, 6,000 characters in all, addresses that are neither of the web nor of an attached file, nothing at all. */
export function embedIssues(values: unknown[]): Issue[] {
  const embeds = values.map((value) => embedSchema.parse(value));
  const total = embeds.map(lengthOf).reduce((sum, one) => sum + one, 0);
  return [
    ...(embeds.length > 10 ? [tooLong('embeds', 10)] : []),
    ...(total > 6000
      ? [{ path: 'embeds', code: 'MAX_EMBED_SIZE_EXCEEDED', message: 'Embed size exceeds maximum size of 6000' }]
      : []),
    ...embeds.flatMap((embed, index) => issuesOf(embed, `embeds.${index}`)),
  ];
}

const tooLong = (path: string, limit: number): Issue => ({
  path,
  code: 'BASE_TYPE_MAX_LENGTH',
  message: `Must be ${limit} or fewer in length.`,
});

function issuesOf(embed: Embed, path: string): Issue[] {
  const { title, description, url, image, thumbnail, footer, author, fields } = embed;
  const limits: [string, string | null | undefined, number][] = [
    ['title', title, 256],
    ['description', description, 4096],
    ['footer.text', footer?.text, 2048],
    ['author.name', author?.name, 256],
  ];
  const addresses: [string, string | null | undefined, string[]][] = [
    ['url', url, web],
    ['author.url', author?.url, web],
    ['image.url', image?.url, webOrFile],
    ['thumbnail.url', thumbnail?.url, webOrFile],
    ['author.icon_url', author?.icon_url, webOrFile],
    ['footer.icon_url', footer?.icon_url, webOrFile],
  ];
  const isEmpty = !title && !description && !image && !thumbnail && !footer && !author && !fields?.length;
  return [
    ...(isEmpty ? [required(`${path}.description`)] : []),
    ...limits.flatMap(([name, text, limit]) =>
      (text ?? '').length > limit ? [tooLong(`${path}.${name}`, limit)] : [],
    ),
    // An address left empty counts as none.
    ...addresses.flatMap(([name, address, schemes]) =>
      address ? addressIssues(address, `${path}.${name}`, schemes) : [],
    ),
    ...((fields?.length ?? 0) > 25 ? [tooLong(`${path}.fields`, 25)] : []),
    ...(fields ?? []).flatMap(({ name, value }, index) => [
      ...textIssues(name, `${path}.fields.${index}.name`, 256),
      ...textIssues(value, `${path}.fields.${index}.value`, 1024),
    ]),
  ];
}

const required = (path: string): Issue => ({ path, code: 'BASE_TYPE_REQUIRED', message: 'This field is required' });

function textIssues(text: string | null | undefined, path: string, limit: number): Issue[] {
  if (!text?.trim()) return [required(path)];
  return text.length > limit ? [tooLong(path, limit)] : [];
}

function lengthOf({ title, description, footer, author, fields }: Embed): number {
  const texts = [
    title,
    description,
    footer?.text,
    author?.name,
    ...(fields ?? []).flatMap(({ name, value }) => [name, value]),
  ];
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
}
