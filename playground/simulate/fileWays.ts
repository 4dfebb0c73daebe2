import { Readable } from 'node:stream';
import type { Network } from '../../src/worlds.ts';
import type { World } from '../discord/world.ts';
import type { KubeezAccounts } from './accounts.ts';
import type { Life } from './life.ts';
import { largeImage, samples } from './samples.ts';
import type { Troubles } from './troubles.ts';
import { sleep, trueTime } from './virtualTime.ts';

/** The hosts of results and of what people attach, as one process reaches them. */
export const fileWays =
  (accounts: KubeezAccounts, world: World, life: Life, troubles: Troubles): Network['files'] =>
  async (url, { signal }) => {
    await sleep(troubles.travelTakes());
    await life.goesOn();
    const found = isLate(url, accounts, troubles) ? undefined : fileAt(url, accounts, world);
    const file = found === samples.image && troubles.theme?.hasLargeFiles ? largeImage : found;
    const good = () =>
      answer(
        200,
        { 'content-length': String(file?.length ?? 0) },
        file ? [file.subarray(0, headBytes), file.subarray(headBytes)] : [],
      );
    if (!file) return answer(404, {}, [Buffer.from('<h1>Not found</h1>')]);
    switch (troubles.fileTrouble()) {
      case 'missing':
        return answer(404, {}, [Buffer.from('<h1>Not found</h1>')]);
      case 'forbidden':
        return answer(403, {}, [Buffer.from('<Error><Code>AccessDenied</Code></Error>')]);
      case 'page':
        return answer(200, { 'content-type': 'text/html' }, [Buffer.from('<!doctype html><p>Soon')]);
      case 'half':
        return answer(200, { 'content-length': String(file.length) }, [file.subarray(0, file.length / 2)]);
      case 'astray':
        return answer(302, { location: 'http://[broken' }, []);
      case 'late':
        await troubles.holdUp(Math.min(troubles.delay(), 20_000));
        await life.goesOn();
        return signal?.aborted ? { ok: false, why: 'unavailable' } : good();
      case 'cut':
        return { ok: false, why: 'unavailable' };
      default:
        return good();
    }
  };

/** What comes first is read to tell what a file is: of one large piece all would be copied. */
const headBytes = 8_192;

const answer = (statusCode: number, headers: Record<string, string>, pieces: Buffer[]) =>
  ({ ok: true, response: Object.assign(Readable.from(pieces), { statusCode, headers }) }) as const;

/** Whether a result's host has not got it yet. */
function isLate({ pathname }: URL, accounts: KubeezAccounts, { fileLag }: Troubles): boolean {
  const job = accounts.find(/[0-9a-f]{8}-[0-9a-f-]{27}/.exec(pathname)?.[0] ?? '')?.job;
  return job !== undefined && trueTime() < job.readyAt + fileLag;
}

/** The bytes at an address; undefined where there is nothing. */
export function fileAt(url: URL, { all }: KubeezAccounts, world: World): Buffer | undefined {
  const [, id = ''] = /^\/attachments\/\d+\/(\d+)\//.exec(url.pathname) ?? [];
  if (url.origin === world.origin) return world.files.get(id)?.data;
  const uploaded = firstOf(all, (platform) => platform.uploadedAt(url.href));
  if (uploaded) return uploaded.data;
  if (/^\/posters\//.test(url.pathname)) return samples.image;
  const made = firstOf(all, (platform) => platform.fileAt(url.href.replace('/previews/', '/videos/')));
  return made && samples[made.kind];
}

/** What the first of several gives that has it. */
function firstOf<One, Found>(all: One[], find: (one: One) => Found | undefined): Found | undefined {
  for (const one of all) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}
