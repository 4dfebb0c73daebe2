import type Database from 'libsql';
import { z } from 'zod';

/** What could be read of a damaged database. */
export interface Salvaged {
  /** The texts of the records by their keys, as they are stored. */
  rows: Map<string, string>;
  /** Keys of records that are there and cannot be read; undefined where nobody can tell which there were. */
  lost: string[] | undefined;
}

// Asked for as bytes: libsql ends the whole process over a text that is no UTF-8.
const bytes = z.instanceof(ArrayBuffer).transform((data) => Buffer.from(data));
const rowSchema = z.object({ key: bytes, value: bytes });
const pageSchema = z.object({ pgno: z.number(), data: bytes });

const asText = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads what can be read of the table of records: through SQLite where it still finds its way, else page by page.
 * Undefined where what is in use cannot be told from what was deleted: an old state of a request that came back might pay
 * for it once more.
 */
export function salvage(database: Database.Database): Salvaged | undefined {
  const rows = throughTable(database) ?? throughPages(database);
  if (!rows) return undefined;
  const keys = keysOf(database);
  return { rows, lost: keys?.filter((key) => !rows.has(key)) };
}

/** Every row, when the table itself is sound and its index alone is damaged. */
function throughTable(database: Database.Database): Map<string, string> | undefined {
  try {
    const rows = new Map<string, string>();
    const all = database.prepare(
      'SELECT CAST(key AS BLOB) AS key, CAST(value AS BLOB) AS value FROM records NOT INDEXED',
    );
    for (const row of all.iterate([])) {
      const { key, value } = rowSchema.parse(row);
      note(rows, key, value);
    }
    return rows;
  } catch {
    return undefined;
  }
}

/** The keys that the index has; undefined when it cannot be read to its end. */
function keysOf(database: Database.Database): string[] | undefined {
  try {
    const all = database.prepare('SELECT CAST(key AS BLOB) AS key FROM records INDEXED BY sqlite_autoindex_records_1');
    return [...all.iterate([])].map((row) => asText.decode(z.object({ key: bytes }).parse(row).key));
  } catch {
    return undefined;
  }
}

/** A text that is no UTF-8 any more is none of ours. */
function note(rows: Map<string, string>, key: Buffer, value: Buffer): void {
  try {
    rows.set(asText.decode(key), asText.decode(value));
  } catch {
    // Counted as lost, where its key is known.
  }
}

/**
 * The rows on every page that holds rows of a table and is in use, whether or not anything leads there. See “Database File
 * Format” on sqlite.org. What the bot keeps has two texts in a row; other tables have more.
 */
function throughPages(database: Database.Database): Map<string, string> | undefined {
  try {
    const pages = new Map<number, Buffer>();
    for (const row of database.prepare('SELECT pgno, data FROM sqlite_dbpage').iterate([])) {
      const { pgno, data } = pageSchema.parse(row);
      pages.set(pgno, data);
    }
    const first = pages.get(1);
    const free = first && freePages(first, pages);
    if (!first || !free) return undefined;
    const usable = first.length - first.readUInt8(20);
    const rows = new Map<string, string>();
    for (const [number, page] of pages) {
      if (number === 1 || free.has(number) || page.readUInt8(0) !== tableLeaf) continue;
      for (const [key, value] of rowsOn(page, usable, pages)) note(rows, key, value);
    }
    return rows;
  } catch {
    return undefined;
  }
}

const tableLeaf = 13;

/** The pages that are not in use; undefined where their list is damaged. */
function freePages(first: Buffer, pages: Map<number, Buffer>): Set<number> | undefined {
  const free = new Set<number>();
  const count = first.readUInt32BE(36);
  let trunk = first.readUInt32BE(32);
  while (trunk !== 0) {
    const page = pages.get(trunk);
    if (!page || free.has(trunk)) return undefined;
    free.add(trunk);
    const leaves = page.readUInt32BE(4);
    if (leaves > page.length / 4 - 2) return undefined;
    for (let index = 0; index < leaves; index++) free.add(page.readUInt32BE(8 + 4 * index));
    trunk = page.readUInt32BE(0);
  }
  return free.size === count ? free : undefined;
}

function* rowsOn(page: Buffer, usable: number, pages: Map<number, Buffer>): Generator<[key: Buffer, value: Buffer]> {
  const cells = page.readUInt16BE(3);
  for (let index = 0; index < cells; index++) {
    try {
      const row = twoTexts(payloadAt(page, page.readUInt16BE(8 + 2 * index), usable, pages));
      if (row) yield row;
    } catch {
      // This cell is damaged; the next one may be whole.
    }
  }
}

/** What a cell holds, with what lies on further pages. Throws where that leads nowhere. */
function payloadAt(page: Buffer, at: number, usable: number, pages: Map<number, Buffer>): Buffer {
  const [size, afterSize] = varint(page, at);
  const [, start] = varint(page, afterSize);
  const most = usable - 35;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const some = least + ((size - least) % (usable - 4));
  const local = size <= most ? size : some <= most ? some : least;
  if (start + local > usable) throw new RangeError('A cell goes over the end of its page');
  const parts = [page.subarray(start, start + local)];
  let missing = size - local;
  let next = missing > 0 ? page.readUInt32BE(start + local) : 0;
  while (missing > 0) {
    const further = pages.get(next);
    if (!further) throw new RangeError('A page is missing');
    const part = further.subarray(4, Math.min(usable, 4 + missing));
    parts.push(part);
    missing -= part.length;
    next = further.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

/** The two texts of a row; undefined when it has anything else. */
function twoTexts(payload: Buffer): [Buffer, Buffer] | undefined {
  const [headerSize, afterSize] = varint(payload, 0);
  const [first, afterFirst] = varint(payload, afterSize);
  const [second, afterSecond] = varint(payload, afterFirst);
  const isText = (type: number) => type >= 13 && type % 2 === 1;
  if (afterSecond !== headerSize || !isText(first) || !isText(second)) return undefined;
  const middle = headerSize + (first - 13) / 2;
  const end = middle + (second - 13) / 2;
  return end === payload.length ? [payload.subarray(headerSize, middle), payload.subarray(middle, end)] : undefined;
}

/** SQLite's number of one to nine bytes, and where it ends. */
function varint(bytes: Buffer, at: number): [value: number, end: number] {
  let value = 0;
  for (let index = 0; index < 8; index++) {
    const byte = bytes.readUInt8(at + index);
    value = value * 128 + (byte & 127);
    if (byte < 128) return [value, at + index + 1];
  }
  return [value * 256 + bytes.readUInt8(at + 8), at + 9];
}
