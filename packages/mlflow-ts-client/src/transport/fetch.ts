import { isStreamBody, type HttpRequest, type HttpResponse, type Transport } from './transport.js';

/**
 * Transport over the platform's `fetch`: browsers, Deno, workers. Streams are collected first, since browsers refuse
 * to stream uploads.
 */
export const fetchTransport: Transport = async (request: HttpRequest): Promise<HttpResponse> => {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  const response = await fetch(request.url, {
    method: request.method,
    headers: request.headers,
    body: (await wholeBody(request.body)) as RequestInit['body'],
    signal,
    redirect: 'error',
  });
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    retryAfter: response.headers.get('retry-after') ?? undefined,
    text: () => response.text(),
    chunks: () => readChunks(response),
  };
};

async function wholeBody(body: HttpRequest['body']): Promise<string | Uint8Array | undefined> {
  if (!isStreamBody(body)) return body;
  const whole = new Uint8Array(body.size);
  let filled = 0;
  for await (const chunk of body.open()) {
    whole.set(chunk, filled);
    filled += chunk.length;
  }
  return whole.subarray(0, filled);
}

async function* readChunks(response: Response): AsyncIterable<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
