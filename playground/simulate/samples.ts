const mebibyte = 1024 * 1024;

/** The smallest files that are known for what they are by their first bytes: what is in them matters to nobody here. */
export const samples = {
  image: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
  video: Buffer.concat([
    Buffer.from([0, 0, 0, 24]),
    Buffer.from('ftypisom'),
    Buffer.from([0, 0, 2, 0]),
    Buffer.from('isommp42'),
    Buffer.alloc(40),
  ]),
  audio: Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), Buffer.alloc(412)]),
};

/** A picture of which three fit into one message, but not four. */
export const largeImage = Buffer.concat([samples.image, Buffer.alloc(6.5 * mebibyte)]);
