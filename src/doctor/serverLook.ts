import { z } from 'zod';
import { Connection, type ServerAbout } from '../kubeez/connection.ts';
import { KubeezError } from '../kubeez/errors.ts';
import { type Shape, shapeOfResult } from '../kubeez/oddAnswers.ts';
import { isRefused, readResult, type ToolResult, textOf } from '../kubeez/result.ts';
import type { Capability } from '../kubeez/tools.ts';
import { createLogger } from '../log.ts';

/** What a tool said to the doctor. */
export interface Said {
  /** Its answer as one object or list; undefined where none could be found in it. */
  answer: unknown;
  isRefused: boolean;
  /** In which part of the result the answer was: `structuredContent`, text that is JSON, or words. */
  form: 'structured' | 'json' | 'words';
}

/** A server that is looked at: only tools that cost nothing are called, and each is called once. */
export class ServerLook {
  readonly #connection: Connection;
  /** What the server said of itself, once it was reached. */
  about: ServerAbout | undefined;
  /** Shapes of what was answered, by tool. */
  readonly shapes = new Map<string, Shape>();

  constructor(url: string, token: string) {
    this.#connection = new Connection({
      url,
      signIn: { token },
      isListening: false,
      now: Date.now,
      log: createLogger('silent'),
      onServer: (about) => {
        this.about = about;
      },
    });
  }

  /** Connects. Throws {@link KubeezError}. */
  async open(): Promise<void> {
    await this.#connection.tools();
  }

  offers(capability: Capability): boolean {
    return this.#connection.offers(capability) === true;
  }

  /**
   * Asks a tool that costs nothing. Gives undefined where the server has no such tool; the code where the call itself failed.
   */
  async ask(tool: FreeTool, args: Record<string, unknown>, as: string = tool): Promise<Said | string | undefined> {
    if (!this.offers(tool)) return undefined;
    try {
      const result = await this.#connection.ask(tool, args, 20_000);
      this.shapes.set(as, shapeOfResult(result));
      return said(result);
    } catch (error) {
      if (!(error instanceof KubeezError)) throw error;
      return error.code;
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** What the doctor may call: these read, and nothing else. An upload link is not among them, because it begins something. */
type FreeTool = Extract<Capability, 'models' | 'balance' | 'history' | 'estimate' | 'mediaStatus'>;

function said(result: ToolResult): Said {
  const read = readResult(result, z.looseObject({}).or(z.array(z.unknown())));
  const words = textOf(result);
  const isStructured = typeof result.structuredContent === 'object' && result.structuredContent !== null;
  const isJson = /^\s*[[{]/.test(words);
  return {
    answer: read.success ? read.data : undefined,
    isRefused: isRefused(result),
    form: isStructured ? 'structured' : isJson ? 'json' : 'words',
  };
}
