import type { Response as Answer } from 'express';

/** What an answer of the stand-in becomes on its way out, for those of a tool (or another method) that fits. */
export interface Shape {
  tool: RegExp;
  /** Is given the JSON-RPC message; gives another one, or the text that is sent in its place. */
  shape(message: Message): object | string;
}

/** A JSON-RPC message with a result. */
export interface Message {
  jsonrpc: string;
  id: unknown;
  result: Record<string, unknown>;
  error?: unknown;
}

/** Lets everything that is sent as an answer go through a shape; streams are shaped event by event. */
export function shapeAnswer(answer: Answer, { shape }: Shape): void {
  const shaped = (text: string): string => {
    const message: Message = JSON.parse(text);
    if (message.result === undefined) return text;
    const other = shape(message);
    return typeof other === 'string' ? other : JSON.stringify(other);
  };
  const events = (text: string) => text.replace(/^data: (\{.*\})$/gm, (_, data: string) => `data: ${shaped(data)}`);
  const piece = (chunk: unknown): unknown => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return chunk;
    const text = Buffer.from(chunk).toString();
    if (text.startsWith('{')) return shaped(text);
    return events(text);
  };
  const { writeHead, write, end } = answer;
  Object.assign(answer, {
    writeHead(...given: Parameters<typeof writeHead>) {
      answer.removeHeader('content-length');
      const head = given.map((one: unknown) =>
        typeof one === 'object' && one !== null
          ? Object.fromEntries(Object.entries(one).filter(([name]) => name.toLowerCase() !== 'content-length'))
          : one,
      );
      return Reflect.apply(writeHead, answer, head);
    },
    write: (chunk: unknown, ...rest: unknown[]) => Reflect.apply(write, answer, [piece(chunk), ...rest]),
    end: (chunk: unknown, ...rest: unknown[]) => Reflect.apply(end, answer, [piece(chunk), ...rest]),
  });
}
