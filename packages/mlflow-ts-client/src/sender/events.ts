import type { MlflowError } from '../errors.js';
import type { Item } from '../spool/record.js';

/** What happens to a delivery, told to `onEvent`. None of these stops the run. */
export type SpoolEvent =
  /**
   * The server refuses this one item for ever; it is kept in `rejected.jsonl` of the run's spool folder, contents
   * beyond 32 KB in `files`.
   */
  | { readonly type: 'rejected'; readonly item: Item; readonly error: MlflowError; readonly files: readonly string[] }
  /** A passing failure; the same again after a pause. */
  | { readonly type: 'retry'; readonly error: MlflowError; readonly inMs: number }
  /** Nothing more can be delivered until a person acts: the run or the experiment is deleted. The journal is kept. */
  | { readonly type: 'blocked'; readonly error: MlflowError }
  /** Journal lines that a crash tore; only the last write of a dead process is ever torn. */
  | { readonly type: 'torn'; readonly lines: number };
