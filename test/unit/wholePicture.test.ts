import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { isWholePicture } from '../../src/kubeez/wholePicture.ts';

/** A picture of noise, so that every byte of it counts. */
const noise = (size = 40) => {
  const raw = Buffer.from(Array.from({ length: size * size * 3 }, (_, index) => (index * 7919) % 251));
  return sharp(raw, { raw: { width: size, height: size, channels: 3 } });
};

const made = {
  'image/png': () => noise().png().toBuffer(),
  'image/jpeg': () => noise().jpeg().toBuffer(),
  'image/webp': () => noise().webp().toBuffer(),
};

describe.each(Object.entries(made))('%s', (type, make) => {
  it('is whole, and so with bytes after its end', async () => {
    const data = await make();
    expect(isWholePicture(data, type)).toBe(true);
    expect(isWholePicture(Buffer.concat([data, Buffer.from('written by a camera')]), type)).toBe(true);
  });

  it('is not whole, wherever it was cut off', async () => {
    const data = await make();
    for (let length = 12; length < data.length; length++)
      expect(isWholePicture(data.subarray(0, length), type), `${length} of ${data.length} bytes`).toBe(false);
  });
});

it('a JPEG in several scans, and one with a whole preview inside, are judged by their own end', async () => {
  const progressive = await noise().jpeg({ progressive: true }).toBuffer();
  expect(isWholePicture(progressive, 'image/jpeg')).toBe(true);
  expect(isWholePicture(progressive.subarray(0, -2), 'image/jpeg')).toBe(false);
  const preview = await noise(8).jpeg().toBuffer();
  const length = Buffer.alloc(2);
  length.writeUInt16BE(preview.length + 2);
  const [plain, start] = [await made['image/jpeg'](), 2];
  const withPreview = Buffer.concat([
    plain.subarray(0, start),
    Buffer.from([0xff, 0xe1]),
    length,
    preview,
    plain.subarray(start),
  ]);
  expect(isWholePicture(withPreview, 'image/jpeg')).toBe(true);
  expect(isWholePicture(withPreview.subarray(0, -2), 'image/jpeg')).toBe(false);
});

it('types that nobody asks about count as whole', () => {
  expect(isWholePicture(Buffer.from('GIF89a'), 'image/gif')).toBe(true);
});
