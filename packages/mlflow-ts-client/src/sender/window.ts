import type { Item } from '../spool/record.js';
import type { PlacedRecord, Position } from '../spool/journal-reader.js';
import { isListTag } from './list-tag.js';
import { LIMITS } from '../validate.js';

/** Items that are delivered together: their order among themselves does not matter to the server. */
export interface Window {
  /** Metrics, params and tags: one request. */
  readonly batch: readonly Item[];
  /** What needs a request of its own each. */
  readonly others: readonly Item[];
  /** The place after the window's last record. */
  readonly next: Position;
  /** How many records of the reading it takes. */
  readonly taken: number;
}

/** These change what others mean, so each goes alone. */
const BARRIERS = new Set<Item['t']>(['untag', 'model', 'model-ready', 'open', 'name', 'end']);
const MAX_ARTIFACTS = 1024;

/**
 * Takes as many records from the front as one request of each kind may carry. A second value for the same tag, param
 * or artifact starts the next window: so the later one wins, as logged.
 */
export function takeWindow(records: readonly PlacedRecord[]): Window {
  const batch: Item[] = [];
  const others: Item[] = [];
  const seen = new Set<string>();
  const counts = { metric: 0, param: 0, tag: 0, bytes: 0 };
  let taken = 0;
  for (const { record, size } of records) {
    if (record.t === 'header') {
      taken += 1;
      continue;
    }
    const empty = batch.length + others.length === 0;
    if (BARRIERS.has(record.t)) {
      if (empty) {
        others.push(record);
        taken += 1;
      }
      break;
    }
    const name = identity(record);
    if (name !== undefined && seen.has(name)) break;
    if (isSentAlone(record)) {
      if (others.length >= MAX_ARTIFACTS) break;
      others.push(record);
    } else if (record.t === 'metric' || record.t === 'param' || record.t === 'tag') {
      counts[record.t] += 1;
      // A metric is longer on the wire than in the journal: 90 bytes cover the longer names of its fields.
      counts.bytes += size + 90;
      const full =
        counts.metric > LIMITS.batchMetrics ||
        counts.param > LIMITS.batchParams ||
        counts.tag > LIMITS.batchTags ||
        batch.length >= LIMITS.batchItems ||
        counts.bytes > LIMITS.batchBytes * 0.9;
      if (full && batch.length > 0) break;
      batch.push(record);
    }
    if (name !== undefined) seen.add(name);
    taken += 1;
  }
  return { batch, others, next: records[taken - 1].next, taken };
}

/** Whether an item has a request of its own, or needs none; the others share one. */
function isSentAlone(item: Item): boolean {
  return item.t === 'artifact' || item.t === 'inputs' || item.t === 'mark' || (item.t === 'tag' && isListTag(item.k));
}

/** Whether the window is one item that changes what others mean. */
export function isBarrier({ others }: Window): boolean {
  return others.length === 1 && BARRIERS.has(others[0].t);
}

function identity(item: Item): string | undefined {
  if (item.t === 'param' || item.t === 'tag') return `${item.t}:${item.k}`;
  return item.t === 'artifact' ? `artifact:${item.model ?? ''}:${item.path}` : undefined;
}
