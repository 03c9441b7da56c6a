import { writeFileAtomic } from '@lacuna/core';

/** Writes a value as JSON, atomically; numbers that JSON lacks become null. */
export function writeJson(path: string, value: unknown, options: { readonly mode?: number } = {}): void {
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`, options);
}
