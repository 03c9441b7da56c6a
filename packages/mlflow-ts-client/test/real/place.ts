import type { MlflowClient } from '../../src/index.js';

/** Where the tests against a real server work; a function gives it, since the server starts before them. */
export interface Place {
  /** Address of the server. */
  readonly uri: string;
  readonly client: MlflowClient;
  /** A folder for files and spools. */
  readonly dir: string;
}
