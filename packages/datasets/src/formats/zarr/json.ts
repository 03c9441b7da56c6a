import type { z } from 'zod';
import { damagedFile } from '../byte-source.js';
import type { ZarrStore } from './store.js';

/** Parsed JSON of a key; undefined where there is no such key. */
export function readJson(store: ZarrStore, key: string): unknown {
  const bytes = store.get(key);
  if (!bytes) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw damagedFile(`${store.name}/${key}`, 'OME-Zarr', 'no JSON', error);
  }
}

/** @throws {InputError} for JSON of another form. */
export function checked<T>(store: ZarrStore, key: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damagedFile(`${store.name}/${key}`, 'OME-Zarr', `${issue.path.join('.')}: ${issue.message}`);
}

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
