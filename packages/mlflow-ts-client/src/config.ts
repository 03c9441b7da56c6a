import { MlflowInputError, quote } from './errors.js';

/** Where the server is and how to talk to it. Every field falls back to MLflow's environment variable. */
export interface ClientOptions {
  /**
   * Address of the server, `http(s)://[user:password@]host:port[/prefix]`; `/`, `@` and the like in a password as
   * `%2F` and `%40`. Its fragment and query are cut off. Default: `MLFLOW_TRACKING_URI`.
   */
  readonly trackingUri?: string;
  /**
   * Basic authentication. Default: what the address carries, else `MLFLOW_TRACKING_USERNAME` and
   * `MLFLOW_TRACKING_PASSWORD`.
   */
  readonly username?: string;
  /** Password of the user name; never shown in a message. */
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

/**
 * Options with every default filled in. `authorization` never leaves the transport: it is in no message, and is not
 * enumerable, so that printing or serialising a client does not show it.
 */
export interface ResolvedConfig {
  /** Address without user information and trailing slash. */
  readonly baseUrl: string;
  /** Value of the header `Authorization`; undefined without a login. */
  readonly authorization: string | undefined;
  /** Whether any TLS certificate is accepted. */
  readonly insecureTls: boolean;
  /** Milliseconds for one request. */
  readonly requestTimeoutMs: number;
  /** Retries of a request after a passing failure. */
  readonly maxRetries: number;
  /** First pause before a retry, milliseconds. */
  readonly retryBaseMs: number;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Reads options and MLflow's environment variables as the Python client does; explicit options win. */
export function resolveConfig(options: ClientOptions = {}): ResolvedConfig {
  const env: Env = options.env ?? (typeof process === 'undefined' ? {} : process.env);
  const address = splitTrackingUri(options.trackingUri ?? env['MLFLOW_TRACKING_URI']);
  const username = options.username ?? address.username ?? env['MLFLOW_TRACKING_USERNAME'];
  const password = options.password ?? address.password ?? env['MLFLOW_TRACKING_PASSWORD'];
  const token = options.token ?? env['MLFLOW_TRACKING_TOKEN'];
  const config = {
    baseUrl: address.uri,
    insecureTls: options.insecureTls ?? trueOrFalse(env, 'MLFLOW_TRACKING_INSECURE_TLS'),
    requestTimeoutMs: options.requestTimeoutMs ?? 1000 * wholeNumber(env, 'MLFLOW_HTTP_REQUEST_TIMEOUT', 120),
    maxRetries: options.maxRetries ?? wholeNumber(env, 'MLFLOW_HTTP_REQUEST_MAX_RETRIES', 7),
    retryBaseMs: options.retryBaseMs ?? 500,
  };
  return Object.defineProperty(config, 'authorization', {
    value: authorization(username, password, token),
  }) as typeof config & Pick<ResolvedConfig, 'authorization'>;
}

/** A tracking address and what it carries besides. */
export interface TrackingAddress {
  /** The address alone, without user information, query, fragment and trailing slashes: to be shown and kept. */
  readonly uri: string;
  /** User name that the address carried, decoded. */
  readonly username?: string;
  /** Password that the address carried, decoded. */
  readonly password?: string;
}

/**
 * Splits user information off a server's address, so that the address can be shown, written and handed on.
 * @throws {MlflowInputError} where it is no address of a server; the message shows no user information.
 */
export function splitTrackingUri(uri: string | undefined): TrackingAddress {
  const who = 'trackingUri';
  const remedy = 'Start `mlflow server` and set MLFLOW_TRACKING_URI=http://127.0.0.1:5000, or pass { trackingUri }.';
  if (uri === undefined || uri === '')
    throw new MlflowInputError({ who, got: 'nothing', wanted: 'the address of an MLflow server', remedy });
  const url = parseUrl(uri);
  // `http://bob:1/2@host` is a valid address of the host "bob": what was meant is a password with a slash in it.
  if (url === undefined || `${url.pathname}${url.search}${url.hash}`.includes('@')) {
    const escapes = 'In a user name or password write / as %2F, @ as %40, # as %23 and ? as %3F.';
    throw new MlflowInputError({
      who,
      got: quote(redactUserInfo(uri)),
      wanted: 'http://host:port or https://host',
      remedy: uri.includes('@') ? escapes : remedy,
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
  const path = url.pathname.replace(/\/+$/, '');
  return {
    uri: `${url.protocol}//${url.host}${path}`,
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
  };
}

function parseUrl(uri: string): URL | undefined {
  try {
    return new URL(uri);
  } catch {
    return undefined;
  }
}

/**
 * A text without the user information of the addresses in it: all between `//` and the last `@` before a space or a
 * quote goes, since a password may hold `/`, `:` and `@` itself.
 */
export function redactUserInfo(text: string): string {
  return text.replace(/\/\/[^\s"'`<>]*@/g, '//');
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
