import { importsOf, sourcesIn } from './imports.ts';

/** What is in each room of `src`, from the top down. A room that is not described here is an error: a newcomer would wonder. */
const rooms: Record<string, string> = {
  main: '`main.ts`: reads the environment, starts the bot, stops it on a signal; `sharded.ts`: starts it once for each shard',
  cli: '`cli.ts`: what `npx kubeez-discord` can do, each a program of its own',
  setup: '`npm run setup`: asks for what the bot needs, checks it and writes `.env`',
  backup: '`npm run backup`, `restore` and `export`: copies of the records, and the way back',
  bot: '`bot.ts`, with `worlds.ts`: makes every part, hands them on, stops them in reverse order',
  metrics: '`metrics.ts`: what the bot tells of itself to Prometheus; it listens to the others',
  http: '`http.ts`: health, metrics, and the page of a sign-in',
  router: '`router.ts`: interaction → handler, by the prefix of its id; the one error boundary',
  commands: 'one file a command, in one list: `generating/`, `lists/`, `server/`',
  doctor: 'one set of checks, for `npm run doctor` and `/doctor`',
  config: '`config.ts`: what the environment says, every value checked',
  requests:
    'what commands share: checking a request, models, files, forms, drafts, beginning a flow, going on from a result',
  engine: 'the shell round the pure core: runner, lines, effects, price, look-ups, drawer, delivery, records',
  flows: 'the pure core: the record, `step` and its stages, recipes, the card, next steps',
  guilds: 'what a server decides: its settings, rules and spend limits; the ledger of its credits',
  accounts: 'who pays: the bot’s own account, those of servers, their sign-ins',
  kubeez: 'outside world: connection, tools, catalogue, budget of reads, answers, downloads',
  discord: 'outside world: client, messages by bot token, limits, permissions, ids of forms and pages',
  state: 'outside world: Keyv behind records with versions, the lease, drafts, history',
  text: 'every sentence that people read, in each language, and what cuts it to Discord’s limits',
};

/** Files at the top of `src` that every room may use, and that use none. */
const everywhere = ['accountNames', 'clock', 'ids', 'log', 'secrets', 'trace'];

interface Edge {
  from: string;
  to: string;
  isType: boolean;
}

/** Files at the top of `src` that are a part of another. */
const partOf: Record<string, string> = { worlds: 'bot', sharded: 'main', configOrEnd: 'main' };

function roomOf(file: string): string {
  const [, name = ''] = /^src\/([^/]+?)(?:\.ts)?(?:\/|$)/.exec(file) ?? [];
  return partOf[name] ?? name;
}

/** Which room imports which, as the sources have it; one that needs types alone is marked. */
function edgesOf(files: string[]): Edge[] {
  const edges = new Map<string, Edge>();
  for (const { from: file, to: imported, isType } of files.flatMap(importsOf)) {
    const [from, to] = [roomOf(file), roomOf(imported)];
    if (!imported.startsWith('src/') || from === to || everywhere.includes(to)) continue;
    for (const room of [from, to])
      if (!(room in rooms)) throw new Error(`scripts/architecture.ts does not say what src/${room} is`);
    const key = `${from} ${to}`;
    edges.set(key, { from, to, isType: isType && (edges.get(key)?.isType ?? true) });
  }
  return [...edges.values()];
}

/** Without the arrows that follow from others: requests → text says nothing new beside requests → flows → text. */
function withoutDetours(edges: Edge[]): Edge[] {
  const reaches = (from: string, to: string): boolean =>
    edges.some((edge) => edge.from === from && (edge.to === to || reaches(edge.to, to)));
  return edges.filter(({ from, to }) => !edges.some((edge) => edge.from === from && reaches(edge.to, to)));
}

/** The picture of `docs/architecture.md`, and the table below it: made from the imports, so that they are never out of date. */
export function architecture(): string {
  const order = Object.keys(rooms);
  const down = (one: Edge, other: Edge) =>
    order.indexOf(one.from) - order.indexOf(other.from) || order.indexOf(one.to) - order.indexOf(other.to);
  const edges = edgesOf(sourcesIn('src')).sort(down);
  const rows = order.map((room) => {
    const below = edges.filter(({ from }) => from === room).map(({ to, isType }) => (isType ? `_${to}_` : to));
    return [room, rooms[room], below.join(', ') || '–'];
  });
  return [
    '```mermaid',
    'flowchart TD',
    ...withoutDetours(edges).map(({ from, to, isType }) => `  ${from} ${isType ? '-.->' : '-->'} ${to}`),
    '  subgraph outside [the outside worlds]',
    '    kubeez & discord & state',
    '  end',
    '```',
    '',
    '| room | what is there | imports (_types alone_) |',
    '| --- | --- | --- |',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}
