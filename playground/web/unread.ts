import type { Place } from './protocol.ts';

/** Up to which message each person has read each place. Ids grow with time, so they can be compared. */
export class Unread {
  readonly #read = new Map<string, string>();
  readonly #known = new Set<string>();

  /** What is there when a person is seen for the first time counts as read. */
  meet(person: string, places: Place[]): void {
    if (this.#known.has(person)) return;
    this.#known.add(person);
    for (const place of places) this.read(person, place);
  }

  read(person: string, { id, messages }: Place): void {
    this.#read.set(`${person} ${id}`, messages.at(-1)?.id ?? '0');
  }

  /** The first message that was not read; undefined where all were. */
  first(person: string, { id, messages }: Place): string | undefined {
    return messages[messages.length - this.count(person, { id, messages })]?.id;
  }

  count(person: string, { id, messages }: Pick<Place, 'id' | 'messages'>): number {
    const read = BigInt(this.#read.get(`${person} ${id}`) ?? 0);
    return messages.filter((message) => BigInt(message.id) > read).length;
  }
}
