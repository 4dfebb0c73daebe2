import { createHash } from 'node:crypto';
import { Mp3Encoder } from '@breezystack/lamejs';
import { type RenderedImage, renderAsync } from '@resvg/resvg-js';
import { fileTypeFromBuffer } from 'file-type';

/** What a made-up result looks like: everything follows from the words and the seed. */
export interface Recipe {
  prompt: string;
  seed: number;
  /** Pixels. */
  width: number;
  height: number;
  /** A picture to start from. */
  source?: Buffer;
}

/** Numbers from 0 to 1 that follow from a text: the same text always gives the same row. */
function numbers(text: string): number[] {
  return [...createHash('sha256').update(text).digest()].map((byte) => byte / 255);
}

/** A picture of soft discs on a coloured ground; over the source, if there is one that can be drawn: WebP and TIFF cannot. */
async function drawn({ prompt, seed, width, height, source }: Recipe): Promise<RenderedImage> {
  const chance = numbers(`${prompt} ${seed}`);
  const pick = (index: number) => chance[index % chance.length] ?? 0;
  const hue = (index: number) => Math.round(pick(index) * 360);
  const discs = Array.from({ length: 7 }, (_, index) => {
    const [x, y, r] = [
      pick(index * 3) * width,
      pick(index * 3 + 1) * height,
      (0.08 + pick(index * 3 + 2) * 0.25) * width,
    ];
    return `<circle cx="${x}" cy="${y}" r="${r}" fill="hsl(${hue(index + 9)} 80% 65%)" fill-opacity="0.55"/>`;
  });
  const ground =
    `<linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl(${hue(0)} 70% 35%)"/>` +
    `<stop offset="1" stop-color="hsl(${hue(1)} 70% 60%)"/></linearGradient><rect width="100%" height="100%" fill="url(#g)"/>`;
  const under = source
    ? `<filter id="turned"><feColorMatrix type="hueRotate" values="${hue(2)}"/></filter>` +
      `<image href="${await dataUrl(source)}" width="${width}" height="${height}" preserveAspectRatio="xMidYMid slice" filter="url(#turned)"/>`
    : '';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${ground}${under}${discs.join('')}</svg>`;
  return renderAsync(svg, { font: { loadSystemFonts: false } });
}

async function dataUrl(picture: Buffer): Promise<string> {
  return `data:${(await fileTypeFromBuffer(picture))?.mime};base64,${picture.toString('base64')}`;
}

export async function png(recipe: Recipe): Promise<Buffer> {
  return (await drawn(recipe)).asPng();
}

/** Enough to see it move; more would only take time. The encoder wants whole frames a second. */
const framesAbout = 24;
const even = (pixels: number) => Math.max(32, Math.round(pixels / 2) * 2);

/**
 * The encoder, loaded when it is first needed. It puts itself in charge of the process's uncaught errors, and would
 * answer any of them with its own source: that is taken back.
 */
async function h264() {
  const known = process.listeners('uncaughtException');
  const knownRejections = process.listeners('unhandledRejection');
  const { default: encoder } = await import('h264-mp4-encoder');
  for (const one of process.listeners('uncaughtException'))
    if (!known.includes(one)) process.off('uncaughtException', one);
  for (const one of process.listeners('unhandledRejection'))
    if (!knownRejections.includes(one)) process.off('unhandledRejection', one);
  return encoder;
}

/** An H.264 clip in which the picture drifts; `seconds` long. */
export async function mp4(recipe: Recipe, seconds: number): Promise<Buffer> {
  const width = even(recipe.width);
  const height = even(recipe.height);
  // The picture is drawn twice as wide, and a window moves over it.
  const { pixels } = await drawn({ ...recipe, width: width * 2, height });
  const frameRate = Math.max(1, Math.round(framesAbout / seconds));
  const frames = frameRate * seconds;
  const encoder = await (await h264()).createH264MP4Encoder();
  encoder.width = width;
  encoder.height = height;
  encoder.frameRate = frameRate;
  encoder.quantizationParameter = 33;
  encoder.speed = 10;
  encoder.initialize();
  const row = width * 2 * 4;
  for (let frame = 0; frame < frames; frame++) {
    const shift = Math.round((frame / frames) * width) * 4;
    const window = new Uint8Array(width * height * 4);
    for (let y = 0; y < height; y++) {
      const start = y * row + shift;
      window.set(pixels.subarray(start, start + width * 4), y * width * 4);
    }
    encoder.addFrameRgba(window);
  }
  encoder.finalize();
  const clip = Buffer.from(encoder.FS.readFile(encoder.outputFilename));
  encoder.delete();
  return clip;
}

const sampleRate = 22_050;

/** More would only take time: a tune takes longer to encode than all else that a song needs. */
const tunes = 2;
const encodedTunes = new Map<string, Buffer>();

/** A little tune, `seconds` long, as MP3. */
export function mp3(prompt: string, seed: number, seconds: number): Buffer {
  // The sum of the letters: songs of one job, which are numbered, differ.
  const tune = [...Buffer.from(`${prompt} ${seed}`)].reduce((sum, byte) => sum + byte) % tunes;
  const key = `${tune} for ${seconds} s`;
  const song = encodedTunes.get(key) ?? encodeTune(tune, seconds);
  encodedTunes.set(key, song);
  return song;
}

function encodeTune(tune: number, seconds: number): Buffer {
  const chance = numbers(`tune ${tune}`);
  const samples = new Int16Array(sampleRate * seconds);
  const noteLength = Math.round(sampleRate / 4);
  for (let index = 0; index < samples.length; index++) {
    const note = Math.floor(index / noteLength);
    const pitch = 220 * 2 ** (Math.floor((chance[note % chance.length] ?? 0) * 24) / 12);
    const fade = 1 - (index % noteLength) / noteLength;
    samples[index] = Math.sin((2 * Math.PI * pitch * index) / sampleRate) * fade * 9000;
  }
  const encoder = new Mp3Encoder(1, sampleRate, 64);
  return Buffer.concat([Buffer.from(encoder.encodeBuffer(samples)), Buffer.from(encoder.flush())]);
}

/** Pixels for an aspect ratio such as `16:9`; the longer side has `longest`. */
export function sizeFor(aspect: string | undefined, longest: number): { width: number; height: number } {
  const [across = 1, down = 1] = /^(\d+):(\d+)$/
    .exec(aspect ?? '')
    ?.slice(1)
    .map(Number) ?? [1, 1];
  const scale = longest / Math.max(across, down);
  return { width: even(across * scale), height: even(down * scale) };
}
