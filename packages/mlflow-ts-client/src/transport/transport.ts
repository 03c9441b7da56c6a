/**
 * One HTTP request as the client makes it. Bodies are text, bytes, or a stream that can be opened again for a retry.
 */
export interface HttpRequest {
  /** HTTP method. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Whole address, without user information. */
  readonly url: string;
  /** Headers, with those of the login. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent for requests that carry nothing. */
  readonly body?: string | Uint8Array | StreamBody;
  /** Milliseconds until the request is given up. */
  readonly timeoutMs: number;
  /** Cuts the request. */
  readonly signal?: AbortSignal;
}

/** A body too large to hold: `open` is called once for each attempt. */
export interface StreamBody {
  /** Bytes. */
  readonly size: number;
  /** Begins the stream anew. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** The answer; `chunks` may be read once, `text` reads it whole. */
export interface HttpResponse {
  /** HTTP status. */
  readonly status: number;
  /** Media type as the server names it; empty where it does not. */
  readonly contentType: string;
  /** The header `Retry-After`, as it came. */
  readonly retryAfter: string | undefined;
  /** The header `Location` of a redirection, which is not followed. */
  readonly location?: string;
  /** Reads the answer whole. */
  readonly text: () => Promise<string>;
  /** Reads the answer piece by piece. */
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

/** Sends one request, once. Rejects only where no whole answer came. */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;

/** Whether a body is a stream, and not text or bytes. */
export function isStreamBody(body: HttpRequest['body']): body is StreamBody {
  return typeof body === 'object' && 'open' in body;
}

/** Connections to one server that are open at once. */
export const CONNECTIONS = 16;
