import { connect } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';

/**
 * Answers https and wss on port 443 of every address, and passes what it hears on to the local port of the name that was
 * asked for. `ports` may change while it runs.
 */
export async function startTlsFront(key: Buffer, cert: Buffer, ports: Map<string, number>): Promise<Server> {
  const front = createServer({ key, cert }, (outer: TLSSocket) => {
    const name = outer.servername;
    const port = ports.get(typeof name === 'string' ? name : '');
    if (port === undefined) return outer.destroy();
    const inner = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    return undefined;
  });
  await new Promise<void>((resolve) => front.listen(443, resolve));
  return front;
}
