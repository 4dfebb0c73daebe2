import { fileTypeFromBuffer } from 'file-type';
import { refuse } from './define.ts';
import type { Platform } from './platform.ts';

/** Every argument in which a tool takes the address of a file. */
const takingFiles = [
  'source_media_urls',
  'media_url',
  'video_url',
  'image_url',
  'reference_ad_url',
  'product_image_url',
  'source_url',
] as const;

const pictures = ['image/jpeg', 'image/png', 'image/webp'];

/** Refuses a request with a file that is out of reach, empty, or of no format the platform works with. */
export async function checkSources(platform: Platform, request: Record<string, unknown>): Promise<void> {
  const urls = takingFiles.flatMap((name) => [request[name] ?? []].flat().map(String));
  await Promise.all(urls.map((url) => checkSource(platform, url)));
}

async function checkSource(platform: Platform, url: string): Promise<void> {
  const uploaded = platform.uploadedAt(url)?.data;
  // What was made here can be read.
  if (!uploaded && platform.fileAt(url)) return;
  const data = uploaded ?? (await platform.readFile(url));
  if (!data) refuse(`Could not fetch ${url}.`);
  if (data.length === 0) refuse(`The file at ${url} is empty.`);
  const type = (await fileTypeFromBuffer(data))?.mime ?? '';
  const isReadable = pictures.includes(type) || type.startsWith('video/') || type.startsWith('audio/');
  if (!isReadable) refuse(`The file at ${url} cannot be read: use JPEG, PNG or WebP.`);
}
