/**
 * Whether a PNG, JPEG or WebP is there to its end, by what its format says of itself; any other type counts as whole. What
 * follows the end, as cameras write it, does no harm. Pure.
 *
 * @param type its MIME type, by its first bytes
 */
export function isWholePicture(data: Buffer, type: string): boolean {
  if (/^image\/a?png$/.test(type)) return isWholePng(data);
  if (type === 'image/jpeg') return isWholeJpeg(data);
  if (type === 'image/webp') return data.length >= 12 && data.readUInt32LE(4) + 8 <= data.length;
  return true;
}

/** Chunks, each with its length, of which the last is `IEND`. */
function isWholePng(data: Buffer): boolean {
  for (let at = 8; at + 12 <= data.length; ) {
    const end = at + 12 + data.readUInt32BE(at);
    if (data.toString('latin1', at + 4, at + 8) === 'IEND') return end <= data.length;
    at = end;
  }
  return false;
}

const marker = { end: 0xd9, scan: 0xda, stuffed: 0x00, fill: 0xff, firstRestart: 0xd0, lastRestart: 0xd7 };

/**
 * Segments, each with its length, of which some are followed by a scan, whose length nobody says; the last marker is the end
 * of the image. A preview inside a segment has an end of its own, so segments are skipped as a whole.
 */
function isWholeJpeg(data: Buffer): boolean {
  let at = 2;
  let isInScan = false;
  while (at + 1 < data.length) {
    const [first, second = 0] = data.subarray(at, at + 2);
    if (first !== 0xff) {
      if (!isInScan) return false;
      const next = data.indexOf(0xff, at);
      if (next < 0) return false;
      at = next;
    } else if (second === marker.end) return true;
    else if (second === marker.fill) at += 1;
    else if (second === marker.stuffed || (second >= marker.firstRestart && second <= marker.lastRestart)) at += 2;
    else {
      if (at + 4 > data.length) return false;
      isInScan = second === marker.scan;
      at += 2 + data.readUInt16BE(at + 2);
    }
  }
  return false;
}
