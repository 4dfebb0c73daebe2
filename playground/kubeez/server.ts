import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { InMemoryEventStore } from '@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express, { type Response as Answer, type Express, type Request } from 'express';
import { z } from 'zod';
import type { Clock } from '../../src/clock.ts';
import { type Call, CallLog } from './calls.ts';
import { comesAfter, type Fault, spoil, takeFault } from './faults.ts';
import { isClip } from './jobAnswers.ts';
import { mp3, mp4, png, sizeFor } from './media.ts';
import { OAuthServer } from './oauth.ts';
import { clipSeconds, type Job, Platform, songSeconds } from './platform.ts';
import { type Shape, shapeAnswer } from './shapes.ts';
import { StatelessServer } from './stateless.ts';
import { callKey, createTools, toolsOf } from './tools.ts';
import { uploadRoutes } from './uploads.ts';

export interface KubeezStandIn {
  platform: Platform;
  port: number;
  faults: Fault[];
  /** Forms in which answers go out. */
  shapes: Shape[];
  /** How a session that is not known is refused. */
  unknownSession: { status: number; error: { code: number; message: string } };
  /** While on, everything answers 503; how often it did. */
  outage: { on: boolean; refused: number };
  /** Milliseconds added to every tool. */
  latency: { ms: number };
  /** How many answers were broken off, to be fetched with Last-Event-ID (`settings.breaksStreams`). */
  streams: { broken: number };
  /** Told before and after each tool's effect; a test may hold a call here. */
  gates: { before?: (tool: string) => Promise<void> | void; after?: (tool: string) => Promise<void> | void };
  /** What was called, and what came of it. */
  calls: CallLog;
  token: string;
  mcpUrl: string;
  /** Opens another account; gives its token and its own credits, jobs and limits. */
  addAccount(credits?: number): { token: string; platform: Platform };
  /** Lets a token in no longer. */
  refuse(token: string): void;
  oauth: OAuthServer;
  /** MCP sessions that are open. */
  sessions(): number;
  /** Takes a tool away from now on; open sessions are told (tools/list_changed). */
  withdraw(tool: string): void;
  /** Forgets every MCP session, as a restarted server does: the next call is refused (`unknownSession`). */
  forgetSessions(): void;
  close(): Promise<void>;
}

/** The page that uploads, as it was compiled, also when this runs from the sources. */
const page = fileURLToPath(
  new URL(
    import.meta.url.includes('/dist/')
      ? '../playground/kubeez/upload.html'
      : '../../dist/playground/kubeez/upload.html',
    import.meta.url,
  ),
);

/** What is asked for: a tool by its name, or another method. */
const askedSchema = z.union([
  z
    .object({ method: z.literal('tools/call'), params: z.object({ name: z.string() }) })
    .transform(({ params }) => params.name),
  z.object({ method: z.string() }).transform(({ method }) => method),
]);

export interface KubeezSettings {
  clock: Clock;
  /** 0 takes any free one. */
  port?: number;
  /** Where the bot and people reach it, when that is not on loopback. */
  addresses?: { site: string; media: string } | undefined;
}

const tracedSchema = z
  .object({ params: z.object({ _meta: z.object({ traceparent: z.string() }) }) })
  .transform(({ params }) => params._meta.traceparent)
  .catch('');

/** Starts a local Kubeez: MCP over Streamable HTTP with bearer, with or without sessions, upload page, media. */
export async function startKubeez({ clock, port = 0, addresses }: KubeezSettings): Promise<KubeezStandIn> {
  const platform = new Platform(clock);
  const token = 'stand-in-token';
  const faults: Fault[] = [];
  const shapes: Shape[] = [];
  const unknownSession = { status: 404, error: { code: -32001, message: 'Session not found' } };
  const outage = { on: false, refused: 0 };
  const latency = { ms: 0 };
  const streams = { broken: 0 };
  const callLog = new CallLog(clock);
  const gates: KubeezStandIn['gates'] = {};
  /** Accounts by the tokens that open them. */
  const accounts = new Map([[token, platform]]);
  const platforms = () => [...new Set(accounts.values())];
  const sessions = new Map<string, { transport: StreamableHTTPServerTransport; account: Platform }>();
  const oauth = new OAuthServer(() => addAccount().platform, accounts);
  const offered = new Set<ReturnType<typeof createTools>['tools']>();
  /** Calls under way, by {@link callKey}. */
  const calls = new Map<
    string,
    { socket: Socket; fault: Fault | undefined; noted: Call; breakStream(): Promise<void> }
  >();

  const hooks = {
    async before(tool: string, call: string) {
      if (latency.ms > 0) await new Promise((resolve) => setTimeout(resolve, latency.ms));
      await gates.before?.(tool);
      await calls.get(call)?.breakStream();
    },
    async after(tool: string, call: string) {
      await gates.after?.(tool);
      const { fault, socket } = calls.get(call) ?? {};
      if (fault?.how === 'lost') socket?.destroy();
      if (fault?.how !== 'errorAfter') return undefined;
      return { isError: true, content: [{ type: 'text' as const, text: fault.text ?? '' }] };
    },
    onBegun(call: string, jobs: Job[]) {
      calls.get(call)?.noted.jobs.push(...jobs);
    },
    onRefused(call: string) {
      const noted = calls.get(call)?.noted;
      if (noted) noted.isRefused = true;
    },
  };

  const stateless = new StatelessServer(hooks);

  const addAccount = (credits = 1000) => {
    const other = new Platform(clock, platform.rows);
    // Another account of the same platform: what is set for the one holds for all.
    const { settings, origin, mediaOrigin } = platform;
    Object.assign(other, { settings, credits, origin, mediaOrigin });
    other.on('change', () => platform.changed());
    const key = `account-${accounts.size}-${randomUUID()}`;
    accounts.set(key, other);
    return { token: key, platform: other };
  };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.all(['/token', '/authorize'], (request, answer, next) => {
    const fault = takeFault(faults, request.path);
    return fault ? spoil(fault, request, answer) : next();
  });
  app.use(oauth.wellKnown(() => platform.origin));
  app.use('/mcp', express.json({ limit: '1mb' }));
  app.all('/mcp', async (request, answer) => {
    const asked = askedSchema.safeParse(request.body);
    const noted = callLog.note(asked.success ? asked.data : '', tracedSchema.parse(request.body), answer);
    if (outage.on) {
      outage.refused++;
      platform.changed();
      return void answer.status(503).type('html').send('<h1>503 Service Unavailable</h1>');
    }
    const fault = asked.success ? takeFault(faults, asked.data) : undefined;
    if (fault && !comesAfter(fault)) return spoil(fault, request, answer);
    const shape = asked.success && shapes.find(({ tool }) => tool.test(asked.data));
    if (shape) shapeAnswer(answer, shape);
    const account = accounts.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (!account) {
      const metadata = `Bearer resource_metadata="${platform.origin}/.well-known/oauth-protected-resource/mcp"`;
      return void answer.status(401).set('www-authenticate', metadata).json({ error: 'invalid_token' });
    }
    const { era } = account.settings;
    const isStateless = era === 'stateless' || (era === 'both' && (await stateless.understands(request)));
    const breakStream = async () => {
      if (!platform.settings.breaksStreams) return;
      streams.broken++;
      // Without sessions there is nothing with which the rest could be asked for.
      if (isStateless) return breakOff(answer);
      const session = sessions.get(String(request.headers['mcp-session-id']));
      session?.transport.closeSSEStream(request.body.id);
    };
    const noteCall = (call: string) => {
      calls.set(call, { socket: request.socket, fault, noted, breakStream });
      answer.on('close', () => calls.delete(call));
    };
    if (isStateless) {
      for (const [name, { isPaid }] of toolsOf(account, hooks)) if (isPaid) callLog.paidTools.add(name);
      return await stateless.serve(request, answer, account, noteCall);
    }
    noteCall(callKey(request.headers['mcp-session-id'], request.body?.id));
    await serve(request, answer, account);
  });
  app.use(express.raw({ type: () => true, limit: '500mb' }));
  app.use(uploadRoutes(platforms, page));
  app.use((request, answer, next) => {
    const fault = takeFault(faults, request.path);
    return fault ? spoil(fault, request, answer) : next();
  });
  app.use((request, answer, next) => {
    // As some hosts of files do.
    if (request.method === 'GET' && !request.headers['user-agent']) return void answer.status(403).end();
    return next();
  });
  mediaRoutes(app, platforms);

  async function serve(request: Request, answer: Answer, account: Platform): Promise<void> {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (id !== undefined && known?.account !== account) {
      const { status, error } = unknownSession;
      answer.status(status).json({ jsonrpc: '2.0', error, id: null });
      return;
    }
    const transport = known?.transport ?? (await openSession(account));
    await transport.handleRequest(request, answer, request.body);
  }

  async function openSession(account: Platform): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      ...(account.settings.breaksStreams ? { eventStore: new InMemoryEventStore(), retryInterval: 10 } : {}),
      enableJsonResponse: !account.settings.breaksStreams && !account.settings.streams,
      onsessioninitialized: (id) => void sessions.set(id, { transport, account }),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    const { server, tools, paid } = createTools(account, hooks);
    for (const name of paid) callLog.paidTools.add(name);
    offered.add(tools);
    transport.onclose = () => offered.delete(tools);
    await server.connect(transport as Parameters<typeof server.connect>[0]);
    return transport;
  }

  const http = createServer(app);
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  const { port: listening } = http.address() as AddressInfo;
  const local = `http://127.0.0.1:${listening}`;
  platform.origin = addresses?.site ?? local;
  platform.mediaOrigin = addresses?.media ?? local;
  return {
    platform,
    port: listening,
    faults,
    shapes,
    unknownSession,
    outage,
    latency,
    streams,
    gates,
    calls: callLog,
    token,
    mcpUrl: `${platform.origin}/mcp`,
    addAccount,
    refuse: (key) => void accounts.delete(key),
    oauth,
    sessions: () => sessions.size,
    forgetSessions: () => sessions.clear(),
    withdraw(name) {
      platform.settings.withdrawn.push(name);
      for (const tools of offered) tools.get(name)?.disable();
      void stateless.changed();
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** Breaks a stream of events once it has begun. */
async function breakOff(answer: Answer): Promise<void> {
  await setImmediate();
  await new Promise((resolve) => answer.write(': no more\n\n', resolve));
  answer.socket?.destroy();
}

/** Made when first asked for; what is asked for twice is the same. */
function mediaRoutes(app: Express, platforms: () => Platform[]): void {
  const made = new Map<string, Promise<Buffer>>();
  const of = (id: string) => platforms().find(({ jobs }) => jobs.has(id));
  const serve = (
    pattern: string,
    type: string,
    make: (job: Job, platform: Platform) => Promise<Buffer> | Buffer,
    padding: 'padding' | 'smallerPadding' | undefined,
  ) => {
    app.get(pattern, async (request, answer) => {
      const platform = of(String(request.params.id));
      const job = platform?.jobs.get(String(request.params.id));
      if (!platform || !job) return void answer.status(404).type('html').send('<h1>Not found</h1>');
      const key = request.path;
      const file = made.get(key) ?? Promise.resolve(make(job, platform));
      made.set(key, file);
      const data = await file;
      const full = padding ? Buffer.concat([data, Buffer.alloc(platform.settings[padding])]) : data;
      send(answer.type(type), full, platform);
    });
  };
  const picture = async (job: Job, longest: number, platform: Platform) => ({
    prompt: job.prompt,
    seed: job.seed,
    ...sizeFor(
      typeof job.arguments.aspect_ratio === 'string' ? job.arguments.aspect_ratio : undefined,
      longest * platform.settings.mediaScale,
    ),
    ...(await sourceOf(platform, job)),
  });
  const seconds = clipSeconds;
  serve(
    '/images/:id-small.png',
    'image/png',
    async (job, platform) => png(await picture(job, 384, platform)),
    'smallerPadding',
  );
  serve('/images/:id.png', 'image/png', async (job, platform) => png(await picture(job, 768, platform)), 'padding');
  serve(
    '/posters/:id.png',
    'image/png',
    async (job, platform) => png(await picture(job, isClip(job) ? 320 : 256, platform)),
    undefined,
  );
  serve(
    '/videos/:id.mp4',
    'video/mp4',
    async (job, platform) => mp4(await picture(job, 320, platform), seconds(job)),
    'padding',
  );
  serve(
    '/previews/:id.mp4',
    'video/mp4',
    async (job, platform) => mp4(await picture(job, 160, platform), seconds(job)),
    'smallerPadding',
  );
  app.get('/audio/:name.mp3', (request, answer) => {
    const [, id = '', part = ''] = /^([0-9a-f-]{36})-(\w+)$/.exec(request.params.name) ?? [];
    const platform = of(id);
    const job = platform?.jobs.get(id);
    if (!platform || !job) return void answer.status(404).end();
    const sound = mp3(`${job.prompt} ${part}`, job.seed, songSeconds);
    send(answer.type('audio/mpeg'), Buffer.concat([sound, Buffer.alloc(platform.settings.padding)]), platform);
  });
  app.get('/top-up', (_, answer) => {
    const [platform] = platforms();
    if (!platform) return void answer.status(404).end();
    platform.credits += 500;
    platform.changed();
    answer
      .type('html')
      .send(`<p>500 credits added: you now have ${platform.credits}. (This is the playground: no money moves.)</p>`);
  });
}

const encoders = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

function send(answer: Answer, data: Buffer, { settings: { encoding } }: Platform): void {
  if (encoding) answer.set('content-encoding', encoding).send(encoders[encoding](data));
  else answer.send(data);
}

/** The first input of a job, if it can be had. */
async function sourceOf(platform: Platform, job: Job): Promise<{ source?: Buffer }> {
  const [url] = [job.arguments.source_media_urls ?? []].flat().map(String);
  if (!url) return {};
  const uploaded = platform.uploadedAt(url);
  if (uploaded) return uploaded.kind === 'image' ? { source: uploaded.data } : {};
  // A film or a sound of ours is nothing to draw over.
  if (/\/(videos|audio|previews)\//.test(url)) return {};
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
    return answer.ok ? { source: Buffer.from(await answer.arrayBuffer()) } : {};
  } catch {
    return {};
  }
}
