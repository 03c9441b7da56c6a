import http from 'node:http';
import https from 'node:https';
import { CONNECTIONS, isStreamBody, type HttpRequest, type HttpResponse, type Transport } from './transport.js';

/** Idle connections are closed before uvicorn closes them (5 s): a request on one that it is closing would be lost. */
const AGENT = { keepAlive: true, maxSockets: CONNECTIONS, timeout: 4000 } as const;

/** Transport over node:http with kept-alive connections; the one that can accept self-signed certificates. */
export function createNodeTransport(options: { insecureTls: boolean }): Transport {
  const plain = new http.Agent(AGENT);
  const secure = new https.Agent({ ...AGENT, rejectUnauthorized: !options.insecureTls });
  return (request) =>
    send(request, request.url.startsWith('https:') ? { module: https, agent: secure } : { module: http, agent: plain });
}

function send(
  request: HttpRequest,
  via: { module: typeof http | typeof https; agent: http.Agent },
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { body } = request;
    const headers: Record<string, string | number> = { ...request.headers };
    if (typeof body === 'string') headers['content-length'] = Buffer.byteLength(body);
    else if (isStreamBody(body)) headers['content-length'] = body.size;
    else if (body !== undefined) headers['content-length'] = body.length;

    const outgoing = via.module.request(request.url, { method: request.method, headers, agent: via.agent });
    // One deadline for the whole exchange: a server that sends a byte now and then must not hold us for ever.
    const deadline = setTimeout(
      () => outgoing.destroy(new Error(`no whole answer within ${request.timeoutMs} ms`)),
      request.timeoutMs,
    );
    const onAbort = (): void => void outgoing.destroy(new Error('the request was cancelled'));
    if (request.signal?.aborted) onAbort();
    request.signal?.addEventListener('abort', onAbort, { once: true });
    const finish = (): void => {
      clearTimeout(deadline);
      request.signal?.removeEventListener('abort', onAbort);
    };
    outgoing.on('error', (error) => {
      finish();
      reject(error);
    });
    outgoing.on('response', (incoming) => {
      incoming.on('close', finish);
      resolve({
        status: incoming.statusCode ?? 0,
        contentType: incoming.headers['content-type'] ?? '',
        retryAfter: incoming.headers['retry-after'],
        location: incoming.headers.location,
        text: () => readText(incoming),
        chunks: () => readChunks(incoming),
      });
    });
    if (isStreamBody(body)) void pump(body.open(), outgoing);
    else outgoing.end(body);
  });
}

async function pump(source: AsyncIterable<Uint8Array>, outgoing: http.ClientRequest): Promise<void> {
  try {
    for await (const chunk of source) {
      if (outgoing.destroyed) return;
      if (!outgoing.write(chunk))
        await new Promise<void>((resolve) => {
          const go = (): void => {
            outgoing.off('drain', go).off('close', go);
            resolve();
          };
          outgoing.once('drain', go).once('close', go);
        });
    }
    outgoing.end();
  } catch (error) {
    outgoing.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

async function* readChunks(incoming: http.IncomingMessage): AsyncIterable<Uint8Array> {
  for await (const chunk of incoming) yield chunk as Uint8Array;
  // Node ends the iteration quietly where the connection was cut; a cut answer is no answer.
  if (!incoming.complete) throw new Error('the answer was cut off');
}

/** By events: iterating costs several promises for an answer that is mostly empty. */
function readText(incoming: http.IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    incoming.on('data', (chunk: Uint8Array) => parts.push(chunk));
    incoming.on('error', reject);
    incoming.on('close', () => {
      if (incoming.complete) resolve(Buffer.concat(parts).toString('utf8'));
      else reject(new Error('the answer was cut off'));
    });
  });
}
