import { gzipSync } from 'node:zlib';
import type { CommandParts } from '../../requests/command.ts';
import { t } from '../../text/text.ts';
import type { Found } from './found.ts';
import { personal } from './kinds.ts';

/** Bytes from which on the file is packed: Discord takes 10 MiB. */
const packedFrom = 8 * 1024 * 1024;

interface ExportFile {
  name: string;
  data: Buffer<ArrayBuffer>;
  /** Alt text. */
  description: string;
}

/** All that is kept about a person, as a file. Throws when the store cannot be read. */
export async function exportFile(found: Found, parts: CommandParts): Promise<ExportFile> {
  const kinds = await Promise.all(personal.map(async ({ name, exportOf }) => [name, await exportOf(found, parts)]));
  const { person, now } = found;
  const text = JSON.stringify({ person, at: new Date(now).toISOString(), ...Object.fromEntries(kinds) }, null, 2);
  const data = Buffer.from(`${text}\n`);
  const description = t('privacy.fileDescription');
  return data.length < packedFrom
    ? { name: 'kubeez-export.json', data, description }
    : { name: 'kubeez-export.json.gz', data: gzipSync(data), description };
}
