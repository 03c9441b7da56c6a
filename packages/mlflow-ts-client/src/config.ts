import { MlflowInputError, quote } from './errors.js';

/** Where the server is and how to talk to it. Every field falls back to MLflow's environment variable. */
export interface ClientOptions {
  /** Address of the server, `http(s)://host:port[/prefix]`. Default: `MLFLOW_TRACKING_URI`. */
  readonly trackingUri?: string;
  /** Basic authentication. Default: `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`. */
  readonly username?: string;
  readonly password?: string;
  /** Bearer token, used when user name and password are not both set. Default: `MLFLOW_TRACKING_TOKEN`. */
  readonly token?: string;
  /** Accept any TLS certificate. Default: `MLFLOW_TRACKING_INSECURE_TLS` is `true` or `1`. Node only. */
  readonly insecureTls?: boolean;
  /** Milliseconds for one request. Default: `MLFLOW_HTTP_REQUEST_TIMEOUT` (seconds), else 120,000. */
  readonly requestTimeoutMs?: number;
  /** Retries of a request after a passing failure. Default: `MLFLOW_HTTP_REQUEST_MAX_RETRIES`, else 7. */
  readonly maxRetries?: number;
  /** First pause before a retry, doubled each time, with jitter. Default 500 ms, at most 30 s each. */
  readonly retryBaseMs?: number;
  /** Environment to read. Default: `process.env` where there is one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Options with every default filled in. `authorization` never leaves the transport: it is in no message. */
export interface ResolvedConfig {
  readonly baseUrl: string;
  readonly authorization: string | undefined;
  readonly insecureTls: boolean;
  readonly requestTimeoutMs: number;
  readonly maxRetries: number;
  readonly retryBaseMs: number;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Reads options and MLflow's environment variables as the Python client does; explicit options win. */
export function resolveConfig(options: ClientOptions = {}): ResolvedConfig {
  const env: Env = options.env ?? (typeof process === 'undefined' ? {} : process.env);
  const uri = options.trackingUri ?? env['MLFLOW_TRACKING_URI'];
  const { baseUrl, user, secret } = parseTrackingUri(uri);
  const username = options.username ?? env['MLFLOW_TRACKING_USERNAME'] ?? user;
  const password = options.password ?? env['MLFLOW_TRACKING_PASSWORD'] ?? secret;
  const token = options.token ?? env['MLFLOW_TRACKING_TOKEN'];
  return {
    baseUrl,
    authorization: authorization(username, password, token),
    insecureTls: options.insecureTls ?? trueOrFalse(env, 'MLFLOW_TRACKING_INSECURE_TLS'),
    requestTimeoutMs: options.requestTimeoutMs ?? 1000 * wholeNumber(env, 'MLFLOW_HTTP_REQUEST_TIMEOUT', 120),
    maxRetries: options.maxRetries ?? wholeNumber(env, 'MLFLOW_HTTP_REQUEST_MAX_RETRIES', 7),
    retryBaseMs: options.retryBaseMs ?? 500,
  };
}

/** Splits credentials off the address, so that the address can be shown in messages. */
function parseTrackingUri(uri: string | undefined): { baseUrl: string; user?: string; secret?: string } {
  const who = 'trackingUri';
  const remedy = 'Start `mlflow server` and set MLFLOW_TRACKING_URI=http://127.0.0.1:5000, or pass { trackingUri }.';
  if (uri === undefined || uri === '')
    throw new MlflowInputError({ who, got: 'nothing', wanted: 'the address of an MLflow server', remedy });
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    throw new MlflowInputError({
      who,
      got: quote(withoutUserInfo(uri)),
      wanted: 'http://host:port or https://host',
      remedy,
    });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new MlflowInputError({
      who,
      got: `the scheme ${quote(url.protocol)}`,
      wanted: 'http: or https: (this client speaks to a server; it opens no database and no mlruns folder)',
      remedy,
    });
  }
  const user = url.username === '' ? undefined : decodeURIComponent(url.username);
  const secret = url.password === '' ? undefined : decodeURIComponent(url.password);
  const path = url.pathname.replace(/\/+$/, '');
  return { baseUrl: `${url.protocol}//${url.host}${path}`, user, secret };
}

function withoutUserInfo(uri: string): string {
  return uri.replace(/\/\/[^/@]*@/, '//');
}

function authorization(username?: string, password?: string, token?: string): string | undefined {
  // As in Python: a user name without a password, or the reverse, is no login.
  if (username !== undefined && username !== '' && password !== undefined && password !== '')
    return `Basic ${base64(`${username}:${password}`)}`;
  if (token !== undefined && token !== '') return `Bearer ${token}`;
  return undefined;
}

function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function trueOrFalse(env: Env, name: string): boolean {
  const text = env[name];
  if (text === undefined || text === '') return false;
  if (!/^(true|false|1|0)$/i.test(text)) {
    throw new MlflowInputError({
      who: name,
      got: quote(text),
      wanted: 'true, false, 1 or 0',
      remedy: `Unset ${name} to check certificates.`,
    });
  }
  return /^(true|1)$/i.test(text);
}

function wholeNumber(env: Env, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) {
    throw new MlflowInputError({
      who: name,
      got: quote(text),
      wanted: 'a whole number, 0 or more',
      remedy: `Unset ${name} to use ${fallback}.`,
    });
  }
  return value;
}
