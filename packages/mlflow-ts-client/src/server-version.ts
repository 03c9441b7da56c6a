import { MlflowVersionError, quote } from './errors.js';

/** The oldest server that this client works with: the first that has logged models. */
export const OLDEST_SERVER = '3.0';

/** What can ask a server for a text; `Rest` is one. */
interface TextSource {
  text(call: {
    readonly method: 'GET';
    readonly path: string;
    readonly retry: 'idempotent' | 'never';
  }): Promise<string>;
}

/** What the server says of its own version at `/version`, such as `3.17.2`; undefined where it does not say. */
export async function readServerVersion(
  rest: TextSource,
  retry: 'idempotent' | 'never' = 'idempotent',
): Promise<string | undefined> {
  const text = (await rest.text({ method: 'GET', path: '/version', retry })).trim();
  return /^\d+\.\d+/.test(text) ? text : undefined;
}

/**
 * @throws {MlflowVersionError} for a version before {@link OLDEST_SERVER}. One that is not known passes: a gateway
 * may hide it.
 */
export function checkServerVersion(version: string | undefined, baseUrl: string): void {
  if (version === undefined) return;
  const [major, minor] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_SERVER.split('.').map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new MlflowVersionError(
    {
      who: 'server',
      got: `MLflow ${quote(version)} at ${baseUrl}`,
      wanted: `MLflow ${OLDEST_SERVER} or newer`,
      remedy: 'Upgrade the server: pip install -U mlflow, then mlflow db upgrade.',
    },
    version,
  );
}
