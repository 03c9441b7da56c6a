import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What may happen to a request on its way. `late` answers nothing and delivers the request after a while. */
export type Fault = 'none' | 'delay' | 'cut-before' | 'cut-after' | 'cut-answer' | 'duplicate' | 'late' | '429' | '500' | '500-done' | 'html';
export const FAULTS: readonly Fault[] = ['delay', 'cut-before', 'cut-after', 'cut-answer', 'duplicate', 'late', '429', '500', '500-done', 'html'];

export interface FaultProxy {
  readonly uri: string;
  readonly faults: Map<Fault, number>;
  /** Decides each request's fate; replaced to start another schedule. */
  decide: (request: { method: string; url: string }) => Fault;
  close(): Promise<void>;
}

const LATE_MS = 15;

/** An HTTP proxy before `upstream` that hurts what passes, as `decide` says. */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  const faults = new Map<Fault, number>();
  const forward = (method: string, url: string, headers: http.IncomingHttpHeaders, body: Buffer): Promise<{ status: number; type: string; body: Buffer }> =>
    new Promise((resolve, reject) => {
      const outgoing = http.request(`${upstream}${url}`, { method, agent, headers: { ...headers, host: new URL(upstream).host, connection: 'keep-alive' } }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? 'text/plain', body: Buffer.concat(parts) }));
        answer.on('error', reject);
      });
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
      const fault = proxy.decide({ method, url });
      faults.set(fault, (faults.get(fault) ?? 0) + 1);
      const send = (): ReturnType<typeof forward> => forward(method, url, headers, body);
      switch (fault) {
        case 'cut-before': return void request.socket.destroy();
        case 'cut-after':
          await send();
          return void request.socket.destroy();
        case 'late':
          setTimeout(() => void send().catch(() => undefined), LATE_MS);
          return void request.socket.destroy();
        case '429': return void response.writeHead(429, { 'content-type': 'application/json' }).end('{"error_code":"REQUEST_LIMIT_EXCEEDED","message":"slow down"}');
        case '500': return void response.writeHead(500, { 'content-type': 'application/json' }).end('{"error_code":"INTERNAL_ERROR","message":"broken"}');
        case 'html': return void response.writeHead(502, { 'content-type': 'text/html' }).end('<!doctype html><title>Bad gateway</title>');
        case '500-done':
          await send();
          return void response.writeHead(500, { 'content-type': 'text/html' }).end('<!doctype html><title>500</title>');
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
    close: () => new Promise<void>((resolve) => { agent.destroy(); server.closeAllConnections(); server.close(() => resolve()); }),
  });
}
