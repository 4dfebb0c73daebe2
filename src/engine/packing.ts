import type { Attachment } from '../discord/messages.ts';
import { fileName, subjectOf } from '../flows/fileNames.ts';
import type { Flow, Obstacle, PostedResult } from '../flows/flow.ts';
import { jobsOf } from '../flows/runs.ts';
import { times } from '../flows/times.ts';
import type { Download, Downloads } from '../kubeez/download.ts';
import type { Keep } from '../kubeez/keptFiles.ts';
import type { Output } from '../kubeez/media.ts';
import type { Logger } from '../log.ts';
import { cut } from '../text/cut.ts';
import { limits } from '../text/limits.ts';
import { t } from '../text/text.ts';
import { captionFiles } from './captionFiles.ts';

/** A result and its files: they are sent together, or not at all. */
export interface Item {
  /** Undefined for files that the bot itself has written, as long as they are attached. */
  result: PostedResult | undefined;
  files: Attachment[];
  /** What a smaller item of the same result can be made from. */
  source?: Source;
}

/** A result of the platform, and the part of the file name that makes it different from the others. */
export interface Source {
  output: Output;
  part: string | number | undefined;
}

/** On which terms the files of a result are fetched. */
interface Terms {
  /** Bytes a file may have. */
  limit: number;
  /** Where files are kept until they are sent. */
  keep: Keep<Blob>;
  /** Whether a file that is not there yet is waited for. */
  mayWait: boolean;
}

/** A result that is not there yet: the host lags behind the job by some seconds. */
export const notYet = Symbol('not yet');

const maxCover = 2 * 1024 * 1024;

/** Downloads results and makes them fit Discord's limits. Never throws: what cannot be downloaded becomes a link. */
export class Packing {
  readonly #downloads: Downloads;
  readonly #log: Logger;

  constructor(downloads: Downloads, log: Logger) {
    this.#downloads = downloads;
    this.#log = log;
  }

  /**
   * The ladder of one result: the original, the platform's smaller rendition, a poster with a link, a link.
   */
  async pack(flow: Flow, source: Source, terms: Terms): Promise<Item | typeof notYet> {
    try {
      return await this.#pack(flow, source, terms);
    } catch (err) {
      this.#log.error({ err, flow: flow.id }, 'result not packed');
      return this.#linkTo(flow, source, 'unavailable');
    }
  }

  /** The same result as a link alone. */
  asLink(flow: Flow, item: Item, why: Obstacle): Item {
    if (item.source) return this.#linkTo(flow, item.source, why);
    // What the bot wrote itself lies nowhere else.
    return { files: [], result: { name: fileName(flow), url: '', as: 'link', why, link: null } };
  }

  /** The files that the bot itself writes: what was said in a film. */
  texts(flow: Flow): Item[] {
    if (flow.shown.words === null) return [];
    try {
      const files = captionFiles(flow.shown.words).map(({ extension, text }) => ({
        name: `${fileName(flow)}.${extension}`,
        data: new Blob([text], { type: 'text/plain' }),
        description: cut(t('alt.captions', { subject: subjectOf(flow) }), limits.altText),
      }));
      return [{ files, result: undefined }];
    } catch (err) {
      this.#log.error({ err, flow: flow.id }, 'captions not written');
      return [this.asLink(flow, { files: [], result: undefined }, 'unavailable')];
    }
  }

  async #pack(flow: Flow, source: Source, terms: Terms): Promise<Item | typeof notYet> {
    const { limit, keep, mayWait } = terms;
    const { output, part } = source;
    const description = cut(subjectOf(flow).replace(/\s+/g, ' '), limits.altText);
    const rungs = [
      { as: 'file' as const, url: output.url, tries: times.deliverPauses.length },
      { as: 'smaller' as const, url: output.smaller, tries: times.deliverQuietly },
      { as: 'poster' as const, url: output.poster, tries: 0 },
    ];
    let why: Obstacle | null = limit > 0 ? null : 'tooLarge';
    for (const { as, url, tries } of rungs) {
      if (url === undefined || limit <= 0) continue;
      const got = await this.#downloads.fetch(url, limit, keep);
      if (got.ok) {
        const name = `${fileName(flow, part)}.${got.extension}`;
        const cover = as === 'file' ? await this.#cover(flow, source, terms) : [];
        const result = { ...this.#resultOf(source, as === 'file' ? null : why), name, as };
        return { result, files: [{ name, data: asMime(got), description }, ...cover], source };
      }
      if (got.why === 'unavailable' && mayWait && flow.wait.attempts < tries) return notYet;
      if (got.why === 'refused') this.#log.warn({ flow: flow.id }, 'a result lies where nothing may be fetched from');
      why ??= obstacleOf(got);
    }
    return this.#linkTo(flow, source, why ?? 'unavailable');
  }

  /** A song's cover: nice to have, so nothing waits for it. */
  async #cover(flow: Flow, { output: { cover }, part }: Source, { limit, keep }: Terms): Promise<Attachment[]> {
    if (cover === undefined) return [];
    const got = await this.#downloads.fetch(cover, Math.min(limit, maxCover), keep);
    if (!got.ok) return [];
    const name = `${fileName(flow, part)}-cover.${got.extension}`;
    return [
      {
        name,
        data: asMime(got),
        description: cut(t('alt.cover', { subject: String(part ?? subjectOf(flow)) }), limits.altText),
      },
    ];
  }

  #linkTo(flow: Flow, source: Source, why: Obstacle): Item {
    const name = fileName(flow, source.part);
    return { files: [], result: { ...this.#resultOf(source, why), name, as: 'link' }, source };
  }

  #resultOf({ output }: Source, why: Obstacle | null) {
    return {
      url: output.url,
      why,
      link: this.#downloads.linkTo(output.url) ?? null,
      ...(output.kind ? { kind: output.kind } : {}),
      ...(output.seconds === undefined ? {} : { seconds: output.seconds }),
    };
  }
}

const asMime = ({ file, mime }: Extract<Download<Blob>, { ok: true }>) => file.slice(0, file.size, mime);

function obstacleOf({ why }: Extract<Download<Blob>, { ok: false }>): Obstacle {
  return why === 'refused' ? 'unavailable' : why;
}

/** The results of a flow in the order in which they are shown. */
export function sourcesOf(flow: Flow): Source[] {
  const outputs = jobsOf(flow).flatMap((job) => job.outputs);
  const names = outputs.map((output) => output.name);
  return outputs.map((output, index) => {
    const isTwice = names.indexOf(output.name) !== names.lastIndexOf(output.name);
    const number = outputs.length > 1 ? index + 1 : undefined;
    return { output, part: output.name === undefined || isTwice ? number : output.name };
  });
}
