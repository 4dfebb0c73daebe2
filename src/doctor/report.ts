import type { Config } from '../config.ts';
import { KubeezError } from '../kubeez/errors.ts';
import { ServerLook } from './serverLook.ts';
import { type Answer, askServer, type UnknownName } from './unknowns.ts';

/** What each is called in the lines; docs/unknowns.md has a section of that name. */
const titles: Record<UnknownName, string> = {
  server: 'server',
  session: 'sessions',
  tools: 'tools',
  changes: 'changes of tools',
  answers: 'form of answers',
  total: 'total of an estimate',
  priceDetails: 'details of a price',
  refusals: 'form of refusals',
  history: 'history',
  charge: 'charge of a job',
  refunds: 'refunds',
  kinds: 'catalogue',
  sizes: 'size limits',
  topUp: 'top-up address',
  directUpload: 'direct upload',
  measured: 'measured uploads',
  captions: 'captions',
  busy: 'too many requests',
  lifetimes: 'lifetimes',
};

export const titleOf = (name: UnknownName) => titles[name];

interface Report {
  answers: Answer[];
  /** The shape of each answer, by the tool it is of. */
  shapes: [tool: string, shape: string][];
}

/** Asks the server of these settings; gives the code where it cannot be asked. Calls nothing that costs or begins anything. */
export async function askAbout({ KUBEEZ_MCP_URL: url, KUBEEZ_TOKEN: token }: Config): Promise<Report | string> {
  if (token === undefined) return 'no KUBEEZ_TOKEN';
  const look = new ServerLook(url, token);
  try {
    const answers = await askServer(look);
    return { answers, shapes: [...look.shapes].map(([tool, shape]) => [tool, JSON.stringify(shape)]) };
  } catch (error) {
    if (!(error instanceof KubeezError)) throw error;
    return error.code;
  } finally {
    await look.close();
  }
}

/** One line for each. */
export const linesOf = (answers: Answer[]): string[] => answers.map(({ name, says }) => `· ${titles[name]}: ${says}`);

/** A report to share: no secrets, no prompts, nobody's id; of each answer the names and kinds of its fields. */
export function reportOf(asked: Report | string, { KUBEEZ_MCP_URL: url }: Config, today: string): string[] {
  const where = url === 'https://mcp.kubeez.com/mcp' ? url : 'another address than https://mcp.kubeez.com/mcp';
  const head = [
    `Kubeez for Discord: what a server does that is not published (docs/unknowns.md), ${today}, ${where}`,
    '',
  ];
  if (typeof asked === 'string') return [...head, `The server could not be asked (${asked}).`];
  const shapes = asked.shapes.map(([tool, shape]) => `· ${tool}: ${shape}`);
  return [...head, ...linesOf(asked.answers), '', 'Names and kinds of fields, no values:', ...shapes];
}
