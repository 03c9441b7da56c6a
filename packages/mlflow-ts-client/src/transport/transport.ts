/**
 * One HTTP request as the client makes it. Bodies are text, bytes, or a stream that can be opened again for a retry.
 */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | StreamBody;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A body too large to hold: `open` is called once for each attempt. */
export interface StreamBody {
  readonly size: number;
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** The answer; `chunks` may be read once, `text` reads it whole. */
export interface HttpResponse {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly text: () => Promise<string>;
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

/** Sends one request, once. Rejects only where no whole answer came. */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;

export function isStreamBody(body: HttpRequest['body']): body is StreamBody {
  return typeof body === 'object' && 'open' in body;
}

/** Connections to one server that are open at once. */
export const CONNECTIONS = 16;
