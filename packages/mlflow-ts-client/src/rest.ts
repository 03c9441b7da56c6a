import { z } from 'zod';
import { redactUserInfo, type ResolvedConfig } from './config.js';
import {
  MlflowAuthError,
  MlflowConnectionError,
  MlflowProtocolError,
  MlflowServerError,
  quote,
  type MlflowError,
} from './errors.js';
import { checkServerVersion, readServerVersion } from './server-version.js';
import type { HttpRequest, HttpResponse, Transport } from './transport/transport.js';

/** Query values; arrays repeat the name, `undefined` leaves it out. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** One call of the REST API and how its answer is read. */
export interface RestCall<Out> {
  /** HTTP method. */
  readonly method: HttpRequest['method'];
  /** Path after the base address, such as `/api/2.0/mlflow/runs/get`. */
  readonly path: string;
  /** Query of the address. */
  readonly query?: Query;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: HttpRequest['body'];
  /** Reads the JSON of the answer; what does not fit is an `MlflowProtocolError`. */
  readonly response: z.ZodType<Out>;
  /** Whether a retry after an uncertain failure is harmless. Creations are not. */
  readonly retry: 'idempotent' | 'never';
  /** Milliseconds for one attempt; default: the client's. */
  readonly timeoutMs?: number;
  /** Cuts the call. */
  readonly signal?: AbortSignal;
}

const ServerErrorBody = z.object({ error_code: z.string(), message: z.string().optional() });

/** Speaks REST to one server: retries, typed errors, validated answers. */
export class Rest {
  /** Address and patience. */
  readonly config: ResolvedConfig;
  private readonly transport: Transport;

  /** @param transport sends one request, once. */
  constructor(config: ResolvedConfig, transport: Transport) {
    this.config = config;
    this.transport = transport;
  }

  /** The same server, asked until the signal aborts: then what is on its way is cut. */
  cancelledBy(signal: AbortSignal): Rest {
    return new Rest(this.config, (request) =>
      this.transport({
        ...request,
        signal: request.signal === undefined ? signal : AbortSignal.any([request.signal, signal]),
      }),
    );
  }

  /** Makes a call and validates its answer. @throws {MlflowError} of the kind that fits. */
  async call<Out>(call: RestCall<Out>): Promise<Out> {
    try {
      return await this.retrying(call, async () => {
        const response = await this.exchange(call);
        const text = await this.whole(call, response);
        const json = this.accept(call, response, text);
        const parsed = call.response.safeParse(json);
        if (!parsed.success)
          throw notAsMlflow(this.config, call, response, { got: z.prettifyError(parsed.error), cause: parsed.error });
        return parsed.data;
      });
    } catch (error) {
      if (isUnexpected(error))
        checkServerVersion(await readServerVersion(this, 'never').catch(() => undefined), this.config.baseUrl);
      throw error;
    }
  }

  /** Opens a download; the body is read by the caller. Only the opening is retried. */
  async open(call: Omit<RestCall<unknown>, 'response'>): Promise<HttpResponse> {
    return this.retrying(call, async () => {
      const response = await this.exchange(call);
      if (response.status !== 200) this.accept(call, response, await this.whole(call, response));
      return response;
    });
  }

  /** The text of an answer that is no JSON. @throws {MlflowError} as `call` does. */
  async text(call: Omit<RestCall<unknown>, 'response'>): Promise<string> {
    return this.retrying(call, async () => {
      const response = await this.exchange(call);
      const text = await this.whole(call, response);
      if (response.status !== 200) this.accept(call, response, text);
      return text;
    });
  }

  private async exchange(call: Omit<RestCall<unknown>, 'response'>): Promise<HttpResponse> {
    const { config } = this;
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'mlflow-ts-client' };
    if (config.authorization !== undefined) headers['authorization'] = config.authorization;
    if (call.json !== undefined) headers['content-type'] = 'application/json';
    const body = call.json === undefined ? call.body : JSON.stringify(call.json);
    try {
      return await this.transport({
        method: call.method,
        url: `${config.baseUrl}${call.path}${queryString(call.query)}`,
        headers,
        body,
        timeoutMs: call.timeoutMs ?? config.requestTimeoutMs,
        signal: call.signal,
      });
    } catch (error) {
      throw unreachable(config, call, error);
    }
  }

  private async whole(call: Omit<RestCall<unknown>, 'response'>, response: HttpResponse): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      throw unreachable(this.config, call, error);
    }
  }

  /**
   * Turns an answer into JSON, or throws what it means. MLflow answers some errors in HTML: nothing is parsed
   * blindly.
   */
  private accept(call: Omit<RestCall<unknown>, 'response'>, response: HttpResponse, text: string): unknown {
    const { config } = this;
    const who = `${call.method} ${call.path}`;
    const json = parseJson(text);
    if (response.status >= 200 && response.status < 300) {
      if (json !== undefined || text === '') return json ?? {};
      throw notAsMlflow(config, call, response, { got: quote(text) });
    }
    if (response.status === 401 || response.status === 403) {
      const remedy =
        response.status === 401
          ? 'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.'
          : "Ask for permission on this resource, or add this host to the server's --allowed-hosts.";
      throw new MlflowAuthError(
        { who, got: `${response.status} from ${config.baseUrl}`, wanted: 'accepted credentials', remedy },
        response.status,
      );
    }
    const body = ServerErrorBody.safeParse(json);
    if (!body.success) throw notAsMlflow(config, call, response, { got: text === '' ? 'an empty body' : quote(text) });
    const serverMessage = body.data.message ?? '';
    throw new MlflowServerError(
      {
        who,
        got: `${response.status} ${body.data.error_code}: ${serverMessage.slice(0, 500)}`,
        wanted: 'an accepted request',
        remedy: remedyFor(body.data.error_code),
      },
      { status: response.status, errorCode: body.data.error_code, serverMessage },
    );
  }

  private async retrying<Out>(call: Omit<RestCall<unknown>, 'response'>, attempt: () => Promise<Out>): Promise<Out> {
    for (let tried = 0; ; tried++) {
      try {
        return await attempt();
      } catch (error) {
        const again =
          call.retry === 'idempotent' && tried < this.config.maxRetries && !call.signal?.aborted && isTransient(error);
        if (!again) throw error;
        await pause(backoffMs(tried, this.config.retryBaseMs), call.signal);
      }
    }
  }
}

/**
 * An answer that an old server may give: no such address, or another shape. Only then is its version worth a request.
 */
function isUnexpected(error: unknown): boolean {
  if (error instanceof MlflowServerError) return error.errorCode === 'ENDPOINT_NOT_FOUND';
  return error instanceof MlflowProtocolError && error.status < 500;
}

/** Whether the same request may succeed later: no answer, overload, a server error. */
function isTransient(error: unknown): boolean {
  if (error instanceof MlflowConnectionError) return true;
  if (error instanceof MlflowServerError || error instanceof MlflowProtocolError) {
    return error.status === 408 || error.status === 429 || error.status >= 500;
  }
  return false;
}

/** Exponential backoff with full jitter in its upper half: base·2^tried, at most 30 s. */
export function backoffMs(tried: number, baseMs: number, random: () => number = Math.random): number {
  const ceiling = Math.min(30_000, baseMs * 2 ** Math.min(tried, 16));
  return ceiling / 2 + (random() * ceiling) / 2;
}

/** Waits; wakes at once when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener('abort', wake, { once: true });
  });
}

function unreachable(
  config: ResolvedConfig,
  call: { method: string; path: string },
  error: unknown,
): MlflowConnectionError {
  const reason = error instanceof Error ? error.message || error.name : String(error);
  return new MlflowConnectionError(
    {
      who: `${call.method} ${call.path}`,
      got: `no answer from ${config.baseUrl} (${reason})`,
      wanted: 'an MLflow server',
      remedy: `Start the server, or correct MLFLOW_TRACKING_URI.${otherOrigin(config)}`,
    },
    { cause: error },
  );
}

/**
 * A browser hides why it refused an answer; of a page from elsewhere the likely reason is that the server does not
 * know its origin.
 */
function otherOrigin(config: ResolvedConfig): string {
  const { location } = globalThis as { location?: { origin?: string } };
  const page = location?.origin;
  if (page === undefined || page === new URL(config.baseUrl).origin) return '';
  return ` This page comes from ${page}: the server must allow it (mlflow server --cors-allowed-origins ${page}).`;
}

function notAsMlflow(
  config: ResolvedConfig,
  call: { method: string; path: string },
  response: HttpResponse,
  { got, cause }: { got: string; cause?: unknown },
): MlflowError {
  return new MlflowProtocolError(
    {
      who: `${call.method} ${call.path}`,
      got: `HTTP ${response.status} with ${got}`,
      wanted: 'an answer of MLflow 3',
      remedy: remedyBeforeServer(call, response) ?? `Check that ${config.baseUrl} is an MLflow server of version 3.`,
    },
    response.status,
    { cause },
  );
}

/** What to do about an answer of a proxy that stands before the server; undefined for any other answer. */
function remedyBeforeServer(call: { path: string }, { status, location }: HttpResponse): string | undefined {
  if (status === 413)
    return 'Let the proxy before the server pass larger bodies on (of nginx: client_max_body_size 0;).';
  if (status >= 502 && status <= 504) return 'Start the server: the proxy before it answers, and it does not.';
  const [address, rest] = (location ?? '').split(call.path);
  if (status >= 300 && status < 400 && rest !== undefined && /^https?:/.test(address))
    return `Set MLFLOW_TRACKING_URI=${redactUserInfo(address)}, where this address leads to.`;
  return undefined;
}

function remedyFor(errorCode: string): string {
  switch (errorCode) {
    case 'RESOURCE_DOES_NOT_EXIST':
      return 'Check the id or name; it may have been deleted.';
    case 'RESOURCE_ALREADY_EXISTS':
      return 'Use the existing one, or choose another name.';
    case 'ENDPOINT_NOT_FOUND':
      return 'The server is older than this client: MLflow 3.17 has this endpoint.';
    case 'INVALID_PARAMETER_VALUE':
      return 'Correct the value that the message names.';
    default:
      return "The server's log may say more.";
  }
}

function parseJson(text: string): unknown {
  // An upload's answer is empty: an exception for each would cost as much as the rest of its handling.
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function queryString(query: Query | undefined): string {
  if (query === undefined) return '';
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value === 'object') for (const item of value) pairs.append(name, item);
    else pairs.append(name, String(value));
  }
  const text = pairs.toString();
  return text === '' ? '' : `?${text}`;
}
