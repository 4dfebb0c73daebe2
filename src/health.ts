import { createServer } from 'node:http';

/** Answers `GET /health` with 200 while `isWell`, else with 503, for whoever watches over the process. */
export function serveHealth(port: number, isWell: () => boolean): { close(): void } {
  const server = createServer((request, answer) => {
    const status = request.url !== '/health' ? 404 : isWell() ? 200 : 503;
    answer.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? 'ok\n' : 'no\n');
  });
  server.listen(port);
  return { close: () => void server.close() };
}
