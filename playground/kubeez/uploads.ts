import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import express, { type Response as Answer, type Request, type Router } from 'express';
import { fileTypeFromBuffer } from 'file-type';
import { imageSize } from 'image-size';
import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';
import { formOf } from '../form.ts';
import { type Platform, ToolRefusal, type UploadedFile, type UploadSession } from './platform.ts';

const kinds = ['image', 'video', 'audio'] as const;

/** The upload page that opens from a link, and what it talks to. The token in its address is the key. */
export function uploadRoutes(platforms: () => Platform[], page: string): Router {
  const of = (token: string) => platforms().find(({ uploads }) => uploads.has(token)) ?? first(platforms());
  const router = express.Router();
  const guarded =
    (
      work: (
        session: UploadSession,
        request: Request,
        answer: Answer,
        platform: Platform,
      ) => Promise<unknown> | unknown,
    ) =>
    async (request: Request, answer: Answer) => {
      try {
        const platform = of(String(request.params.token));
        await work(platform.upload(String(request.params.token)), request, answer, platform);
      } catch (error) {
        if (!(error instanceof ToolRefusal)) throw error;
        answer.status(error.status).json({ message: error.message });
      }
    };

  router.get('/upload/:token', (_, answer) => {
    answer.type('html').send(readFileSync(page));
  });
  router.get(
    '/upload/:token/files',
    guarded((session, _, answer) => answer.json(shown(session))),
  );
  router.post(
    '/upload/:token',
    guarded(async (session, request, answer, platform) => {
      const form = await formOf(request);
      for (const file of await measuredFiles(form, platform.clock.now())) {
        if (platform.settings.strictUploads) refuseMisfits(session, file);
        session.files.push(file);
      }
      platform.changed();
      answer.json(shown(session));
    }),
  );
  // For programs: the token in a field, a true type on every file.
  router.post('/direct-upload', async (request: Request, answer: Answer) => {
    try {
      const form = await formOf(request);
      const platform = of(String(form?.get('token')));
      const session = platform.upload(String(form?.get('token')));
      const parts = form?.getAll('file') ?? [];
      if (parts.some((part) => typeof part !== 'string' && ['', 'application/octet-stream'].includes(part.type)))
        throw new ToolRefusal(400, 'unsupported', 'Each file needs its MIME type.');
      session.files.push(...(await measuredFiles(form, platform.clock.now())));
      platform.changed();
      answer.json({ count: session.files.length });
    } catch (error) {
      if (!(error instanceof ToolRefusal)) throw error;
      answer.status(error.status).json({ message: error.message });
    }
  });
  router.delete(
    '/upload/:token/files/:id',
    guarded((session, request, answer, platform) => {
      session.files = session.files.filter((file) => file.id !== request.params.id);
      platform.changed();
      answer.json(shown(session));
    }),
  );
  router.get('/uploads/:id/:name', (request, answer) => {
    const files = platforms().flatMap(({ uploads }) => [...uploads.values()].flatMap((session) => session.files));
    const file = files.find((one) => one.id === request.params.id);
    if (file) answer.type(file.mime_type).send(file.data);
    else answer.status(404).end();
  });
  return router;
}

function shown({ model, files }: UploadSession): object {
  const { max_input_images, max_input_videos, max_input_audios } = model.capabilities;
  return {
    model: model.display_name,
    most: { image: max_input_images, video: max_input_videos, audio: max_input_audios },
    files: files.map(({ data: _, ...file }) => file),
  };
}

function refuseMisfits({ model, files }: UploadSession, file: UploadedFile): void {
  const most = Number(model.capabilities[`max_input_${file.kind}s`] ?? 0);
  if (most === 0) throw new ToolRefusal(400, 'wrong_kind', `${model.display_name} takes no ${file.kind} files.`);
  if (files.filter(({ kind }) => kind === file.kind).length >= most) {
    throw new ToolRefusal(400, 'too_many', `${model.display_name} takes at most ${most} ${file.kind} files.`);
  }
}

/** The files of a form, all of them or none: whoever looks meanwhile must not see half of what was sent together. */
async function measuredFiles(form: FormData | undefined, uploadedAt: number): Promise<UploadedFile[]> {
  const files: UploadedFile[] = [];
  for (const part of form?.getAll('file') ?? []) {
    if (typeof part !== 'string')
      files.push(await measured(part.name, Buffer.from(await part.arrayBuffer()), uploadedAt));
  }
  return files;
}

/** Tells kind, size and length from the bytes, as the platform does. */
async function measured(name: string, data: Buffer, uploadedAt: number): Promise<UploadedFile> {
  const type = await fileTypeFromBuffer(data);
  const kind = kinds.find((one) => type?.mime.startsWith(`${one}/`));
  if (!type || !kind) throw new ToolRefusal(400, 'unsupported', `“${name}” is not an image, a video or a sound.`);
  const id = randomUUID();
  const url = `/uploads/${id}/${encodeURIComponent(name)}`;
  const file = { id, name, url, kind, mime_type: type.mime, file_size_bytes: data.length, uploadedAt, data };
  try {
    if (kind === 'image') {
      const { width, height } = imageSize(data);
      return { ...file, width, height };
    }
    const input = new Input({ source: new BufferSource(new Uint8Array(data)), formats: ALL_FORMATS });
    const seconds = Math.round((await input.computeDuration()) * 100) / 100;
    return seconds > 0 ? { ...file, duration_seconds: seconds } : { ...file, measurement: 'unreadable' };
  } catch {
    return { ...file, measurement: 'unreadable' };
  }
}

function first(platforms: Platform[]): Platform {
  const [one] = platforms;
  if (!one) throw new Error('There is no account at all');
  return one;
}
