/** Short texts are no keys, and blanking them would make a text unreadable. */
const shortest = 8;
/** Upload tokens are kept only so long as there are not many newer ones. */
const maxPassing = 500;

const blank = '[secret]';

/**
 * Every secret this process knows, to blank them in texts that somebody else wrote: a server may echo a token in an
 * error, which must get neither into the log nor onto a card.
 */
export class Secrets {
  readonly #lasting = new Set<string>();
  readonly #passing = new Set<string>();

  /** Adds a token that stays valid. */
  add(secret: string | undefined): void {
    for (const form of formsOf(secret)) this.#lasting.add(form);
  }

  /** Adds a token of which there are many, each for a while. */
  addPassing(secret: string | undefined): void {
    for (const form of formsOf(secret)) {
      // Added anew it counts as the newest.
      this.#passing.delete(form);
      this.#passing.add(form);
    }
    for (const oldest of this.#passing) {
      if (this.#passing.size <= maxPassing) break;
      this.#passing.delete(oldest);
    }
  }

  /** The text without any of them, and without whatever stands after `Bearer` or `Bot` as in a header. */
  blank(text: string): string {
    let clean = text;
    for (const secret of [...this.#lasting, ...this.#passing])
      if (clean.includes(secret)) clean = clean.replaceAll(secret, blank);
    return clean.replace(/\b(Bearer|Bot)((?:\s|%20|\+)+)[\w.~+/%=-]{16,}/gi, `$1$2${blank}`);
  }

  /** An error and its causes without any of them, message and stack. Changes and gives the error itself. */
  blankError<Value>(error: Value): Value {
    for (let one: unknown = error, depth = 0; one instanceof Error && depth < 10; one = one.cause, depth++) {
      for (const part of ['message', 'stack'] as const) {
        const text = one[part];
        // Those of a DOMException, such as a time-out, are not the error's own.
        if (text !== undefined && this.blank(text) !== text)
          Object.defineProperty(one, part, { value: this.blank(text), configurable: true, writable: true });
      }
    }
    return error;
  }
}

/** A secret as it may stand in a text: as it is, and as a part of an address or of JSON. */
function formsOf(secret: string | undefined): Set<string> {
  if (secret === undefined || secret.length < shortest) return new Set();
  const encoded = encodeURIComponent(secret);
  const lower = encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return new Set([secret, encoded, lower, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64')]);
}
