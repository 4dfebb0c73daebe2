import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts secrets before they are stored: AES-256-GCM. The id of the key is stored with each secret, so that keys can
 * be changed: the first key encrypts, any of them decrypts.
 */
export class Seal {
  readonly #keys = new Map<string, Buffer>();
  readonly #current: string;

  /** @param keys 32 bytes each, the current one first (`STATE_KEY`); throws when there is none */
  constructor(keys: Buffer[]) {
    for (const key of keys) this.#keys.set(idOf(key), key);
    const [first] = keys;
    if (!first) throw new Error('A seal needs a key');
    this.#current = idOf(first);
  }

  /** Seals a text: `<key id>.<base64>`. */
  close(text: string): string {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, this.#key(this.#current), iv);
    const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${this.#current}.${sealed.toString('base64')}`;
  }

  /** Opens what `close` gave; undefined when its key is not here any more, or somebody has changed it. */
  open(sealed: string): string | undefined {
    const [id = '', data = ''] = sealed.split('.');
    const key = this.#keys.get(id);
    const bytes = Buffer.from(data, 'base64');
    if (!key || bytes.length < ivBytes + tagBytes) return undefined;
    try {
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return undefined;
    }
  }

  #key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (!key) throw new Error('The key is gone');
    return key;
  }
}

/** A key's id: always the same for the same key, and it reveals nothing about the key. */
const idOf = (key: Buffer) => createHash('sha256').update(key).digest('hex').slice(0, 8);
