import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { GATEWAY_ANSWERS, HTML_500, type Fault } from './faults.js';

export interface FaultProxy {
  readonly uri: string;
  readonly faults: Map<Fault, number>;
  /** Decides each request's fate; replaced to start another schedule. */
  decide: () => Fault;
  close(): Promise<void>;
}

const LATE_MS = 15;

/** An HTTP proxy before `upstream` that hurts what passes, as `decide` says. */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  const faults = new Map<Fault, number>();
  const forward = (
    method: string,
    url: string,
    headers: http.IncomingHttpHeaders,
    body: Buffer,
  ): Promise<{ status: number; type: string; body: Buffer }> =>
    new Promise((resolve, reject) => {
      const outgoing = http.request(
        `${upstream}${url}`,
        { method, agent, headers: { ...headers, host: new URL(upstream).host, connection: 'keep-alive' } },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => parts.push(part));
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              type: answer.headers['content-type'] ?? 'text/plain',
              body: Buffer.concat(parts),
            }),
          );
          answer.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  const proxy: FaultProxy = { uri: '', faults, decide: () => 'none', close: async () => undefined };
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => undefined);
    request.on('end', () => void handle(Buffer.concat(parts)).catch(() => response.destroy()));
    const handle = async (body: Buffer): Promise<void> => {
      const { method = 'GET', url = '/', headers } = request;
      const fault = proxy.decide();
      faults.set(fault, (faults.get(fault) ?? 0) + 1);
      const send = (): ReturnType<typeof forward> => forward(method, url, headers, body);
      const own = GATEWAY_ANSWERS[fault];
      if (own !== undefined) return void response.writeHead(own.status, { 'content-type': own.type }).end(own.body);
      switch (fault) {
        case 'cut-before':
          return void request.socket.destroy();
        case 'cut-after':
          await send();
          return void request.socket.destroy();
        case 'late':
          setTimeout(() => void send().catch(() => undefined), LATE_MS);
          return void request.socket.destroy();
        case '500-done':
          await send();
          return void response.writeHead(HTML_500.status, { 'content-type': HTML_500.type }).end(HTML_500.body);
        default: {
          if (fault === 'delay') await new Promise((resolve) => setTimeout(resolve, 3));
          if (fault === 'duplicate') await send();
          const answer = await send();
          response.writeHead(answer.status, { 'content-type': answer.type, 'content-length': answer.body.length });
          if (fault !== 'cut-answer') return void response.end(answer.body);
          response.write(answer.body.subarray(0, answer.body.length >> 1));
          setImmediate(() => request.socket.destroy());
        }
      }
    };
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(proxy, {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        agent.destroy();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
