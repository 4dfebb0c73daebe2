import type { Response as Answer, Request } from 'express';

/** A fault to come, for what fits: the name of a tool, another method of MCP (`initialize`), or the path of a file. */
export interface Fault {
  tool: Pick<RegExp, 'test'>;
  times: number;
  /**
   * `lost`: the call takes effect, its answer never arrives. `cut`: the connection breaks before anything happens;
   * `half`: in the middle of a file; `stall`: it goes no further there, and does not end. A number: that HTTP status
   * instead of an answer. `html`: a page in place of JSON. `astray`: a redirect to an address that cannot be read.
   * `hang`: no answer, ever. `nonsense`: an answer in no known form. `scope`: HTTP's word for a token that may not do
   * this (MCP, authorization); `denied`: the tool's own word for the same; `echo`: a refusal that
   * repeats the token. Too many requests, beside 429:
   * `retryAfter`, with the seconds until more are taken; `busyText`: the tool's own word; `busyError`: JSON-RPC's.
   * With words of one's own: `errorBefore`, the tool fails (`isError`) and does nothing; `errorAfter`, it fails although
   * it took effect; `plainBefore`, it does nothing, and says so without marking it as an error.
   */
  how:
    | 'lost'
    | 'cut'
    | 'half'
    | 'astray'
    | 'stall'
    | 'html'
    | 'hang'
    | 'nonsense'
    | 'scope'
    | 'denied'
    | 'echo'
    | 'retryAfter'
    | 'busyText'
    | 'busyError'
    | 'errorBefore'
    | 'errorAfter'
    | 'plainBefore'
    | number;
  /** The words of `errorBefore`, `errorAfter`, `plainBefore` and of a status. */
  text?: string;
}

/** Seconds until more is taken after `retryAfter`. */
export const retryAfter = 40;

/** The fault that is due for what is asked, used up once. */
export function takeFault(faults: Fault[], asked: string): Fault | undefined {
  const fault = faults.find((one) => one.times > 0 && one.tool.test(asked));
  if (fault) fault.times--;
  return fault;
}

/** Faults of a call that took effect. */
export const comesAfter = ({ how }: Fault) => how === 'lost' || how === 'errorAfter';

/** Answers as the fault wants it, before anything happens. */
export function spoil({ how, text: words = '' }: Fault, request: Request, answer: Answer): void {
  const result = (content: object) => answer.json({ jsonrpc: '2.0', id: request.body.id, result: content });
  const text = (said: string) => [{ type: 'text', text: said }];
  switch (how) {
    case 'cut':
      request.socket.destroy();
      break;
    case 'html':
      answer.status(200).type('html').send('<h1>Welcome</h1>');
      break;
    case 'astray':
      answer.writeHead(302, { location: 'http://[broken' }).end();
      break;
    case 'hang':
      break;
    case 'nonsense':
      result({ content: text('{"weather":"fine"}'), structuredContent: { weather: 'fine' } });
      break;
    case 'retryAfter':
      answer.status(429).set('retry-after', String(retryAfter)).json({ message: 'Too many requests' });
      break;
    case 'busyText':
      result({ isError: true, content: text('Rate limit exceeded, please wait.') });
      break;
    case 'errorBefore':
      result({ isError: true, content: text(words) });
      break;
    case 'plainBefore':
      result({ content: text(words) });
      break;
    case 'busyError': {
      const error = { code: -32_000, message: 'Rate limit exceeded, please wait.' };
      answer.json({ jsonrpc: '2.0', id: request.body.id, error });
      break;
    }
    case 'half':
      answer.writeHead(200, { 'content-length': 100_000 }).write(Buffer.alloc(1000), () => request.socket.destroy());
      break;
    case 'stall':
      answer.writeHead(200, { 'content-length': 100_000 }).write(Buffer.alloc(1000));
      break;
    case 'scope':
      answer.status(403).set('www-authenticate', 'Bearer error="insufficient_scope", scope="generate:media"');
      answer.json({ error: 'insufficient_scope' });
      break;
    case 'echo': {
      const header = request.headers.authorization ?? '';
      const token = encodeURIComponent(header.replace('Bearer ', ''));
      result({
        isError: true,
        content: text(`Invalid parameters in the request (Authorization: ${header}; t=${token})`),
      });
      break;
    }
    case 'denied':
      result({ isError: true, content: text('{"error":"missing_scope","message":"Token lacks generate:media."}') });
      break;
    default:
      answer.status(Number(how)).json({ message: words || `${how}: made to fail` });
  }
}
