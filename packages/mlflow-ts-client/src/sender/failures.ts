import { MlflowConnectionError, MlflowError, MlflowProtocolError, MlflowServerError } from '../errors.js';

/** MLflow looked at the request and says that it is wrong: sending it again cannot help. */
export function isRefusal(error: unknown): error is MlflowError {
  if (error instanceof MlflowProtocolError) return error.status === 413;
  return (
    error instanceof MlflowServerError &&
    error.status >= 400 &&
    error.status < 500 &&
    error.status !== 408 &&
    error.status !== 429
  );
}

/** Whether the server may have done it, or may still do it, although no good answer came. */
export function isUncertain(error: unknown): boolean {
  if (error instanceof MlflowConnectionError) return true;
  return (error instanceof MlflowServerError || error instanceof MlflowProtocolError) && error.status >= 500;
}

/** Delivery cannot go on until a person acts. */
export class BlockedError extends Error {
  /** What stands in the way, with its remedy. */
  readonly reason: MlflowError;

  /** @param reason what stands in the way, with its remedy. */
  constructor(reason: MlflowError) {
    super(reason.message);
    this.reason = reason;
  }
}

/** Anything as one of this package's errors. */
export function asMlflowError(error: unknown): MlflowError {
  if (error instanceof MlflowError) return error;
  const got = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new MlflowConnectionError(
    { who: 'delivery', got, wanted: 'a delivery without surprises', remedy: 'It is tried again.' },
    { cause: error },
  );
}
