/** What every error of this package says: who complains, what was got, what was wanted, and what to do about it. */
export interface ErrorParts {
  /** Who complains: a method, an option, an environment variable. */
  readonly who: string;
  /** What was got, shortened. */
  readonly got: string;
  /** What was wanted instead. */
  readonly wanted: string;
  /** What to do about it, as a sentence. */
  readonly remedy: string;
}

/** Base of all errors of this package; `kind` tells them apart across realms and copies of the package. */
export abstract class MlflowError extends Error {
  /** Which of this package's errors it is, such as `input` or `server`. */
  abstract readonly kind: string;
  /** Who complains: a method, an option, an environment variable. */
  readonly who: string;
  /** What was got, shortened; holds no credentials. */
  readonly got: string;
  /** What was wanted instead. */
  readonly wanted: string;
  /** What to do about it, as a sentence. */
  readonly remedy: string;

  /** Its message is made of the parts. */
  constructor(parts: ErrorParts, options?: { cause?: unknown }) {
    super(`${parts.who}: got ${parts.got}; wanted ${parts.wanted}. ${parts.remedy}`, options);
    this.name = new.target.name;
    this.who = parts.who;
    this.got = parts.got;
    this.wanted = parts.wanted;
    this.remedy = parts.remedy;
  }
}

/** The caller's argument cannot be logged as it is: an invalid name, a non-finite step, an unknown status. */
export class MlflowInputError extends MlflowError {
  /** Tells it apart: `input`. */
  readonly kind = 'input';
}

/** No answer from the server: refused, cut, timed out, or no such host. Trying again may help. */
export class MlflowConnectionError extends MlflowError {
  /** Tells it apart: `connection`. */
  readonly kind = 'connection';
}

/** Something answered, but not as MLflow does: HTML, a foreign JSON, an unexpected shape. */
export class MlflowProtocolError extends MlflowError {
  /** Tells it apart: `protocol`. */
  readonly kind = 'protocol';
  /** HTTP status of the answer. */
  readonly status: number;

  /** @param status HTTP status of the answer. */
  constructor(parts: ErrorParts, status: number, options?: { cause?: unknown }) {
    super(parts, options);
    this.status = status;
  }
}

/** MLflow refused the request with an error code of its own. */
export class MlflowServerError extends MlflowError {
  /** Tells it apart: `server`. */
  readonly kind = 'server';
  /** HTTP status, such as 400. */
  readonly status: number;
  /** MLflow's word for it, such as `RESOURCE_DOES_NOT_EXIST`. */
  readonly errorCode: string;
  /** MLflow's message, unaltered. */
  readonly serverMessage: string;

  /** @param answer what the server said. */
  constructor(parts: ErrorParts, answer: { status: number; errorCode: string; serverMessage: string }) {
    super(parts);
    this.status = answer.status;
    this.errorCode = answer.errorCode;
    this.serverMessage = answer.serverMessage;
  }
}

/** 401 or 403: missing or wrong credentials, or a host that the server does not allow. */
export class MlflowAuthError extends MlflowError {
  /** Tells it apart: `auth`. */
  readonly kind = 'auth';
  /** HTTP status: 401 or 403. */
  readonly status: number;

  /** @param status HTTP status: 401 or 403. */
  constructor(parts: ErrorParts, status: number) {
    super(parts);
    this.status = status;
  }
}

/** The server is MLflow, but older than what this client speaks to. */
export class MlflowVersionError extends MlflowError {
  /** Tells it apart: `version`. */
  readonly kind = 'version';
  /** What the server says of itself, such as `2.9.2`. */
  readonly version: string;

  /** @param version what the server says of itself. */
  constructor(parts: ErrorParts, version: string) {
    super(parts);
    this.version = version;
  }
}

/** The spool on disk cannot be used: no permission, disk full, or another process writes the same run. */
export class MlflowSpoolError extends MlflowError {
  /** Tells it apart: `spool`. */
  readonly kind = 'spool';
}

/** Shortens what a message quotes, so that an error never prints a whole body. */
export function quote(value: unknown, limit = 120): string {
  const shown = textOf(value);
  return shown.length > limit ? `"${shown.slice(0, limit)}..." (${shown.length} characters)` : `"${shown}"`;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  // JSON has no text for some values, such as undefined.
  const json = typeof value === 'object' ? (JSON.stringify(value) as string | undefined) : undefined;
  return json ?? String(value);
}
