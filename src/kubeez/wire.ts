import type { Logger } from '../log.ts';
import type { Fetch } from './http.ts';

/** What is said of the bot to every server. */
export const clientInfo = { name: 'kubeez-discord', version: '0.1.0' };

/** What a server says of itself where a wire is opened. */
export interface WireAbout {
  /** Empty where it does not say. */
  name: string;
  version: string;
  /** The version of the protocol that was agreed on. */
  protocol: string;
  hasSession: boolean;
  /** Whether it announces that it tells when its tools change. */
  tellsOfTools: boolean;
}

/** A way to a server in one of the two forms that MCP has had. What it throws is the same in both: the SDK's errors. */
export interface Wire {
  readonly about: WireAbout;
  /**
   * Asks once. Nothing is ever sent again by itself: it may be a call that costs credits.
   *
   * @param timeout milliseconds to wait for the answer
   * @param takesTask whether a call may be answered with a task, where this form of MCP lets a client say so
   * @throws McpError where the server answers with an error, the time is over or the connection breaks;
   * StreamableHTTPError for a status of HTTP or another kind of content; what `fetch` throws
   */
  request(
    method: 'tools/call' | 'tools/list' | 'tasks/get',
    params: Record<string, unknown>,
    timeout: number,
    takesTask?: boolean,
  ): Promise<Record<string, unknown>>;
  /** Ends what is open: requests under way lose their answers. */
  close(): Promise<void>;
}

export interface WireSettings {
  url: string;
  fetch: Fetch;
  log: Logger;
  /** Milliseconds to wait until the server has said what it speaks. */
  timeout: number;
  /** Milliseconds after which a stream of changes that ended is opened again. */
  pause: number;
  /** Whether the server is asked to tell of changes. */
  isListening: boolean;
  /** Told when the server's tools are, or may be, others. */
  onToolsChanged(): void;
}
