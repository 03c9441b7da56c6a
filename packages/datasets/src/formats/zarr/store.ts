/** Files at the root of a Zarr store. */
export const zarrMarks = ['zarr.json', '.zattrs', '.zgroup', '.zarray'];

/** Keys and their bytes: a folder, or a map in memory. */
export interface ZarrStore {
  /** For messages: the path. */
  readonly name: string;
  /**
   * The bytes of a key, or of a part of them (a negative start counts from the end); null where there is no such key.
   */
  get(key: string, part?: { readonly start: number; readonly length: number }): Uint8Array | null;
  /** Bytes of everything below the root. */
  size(): number;
}

/** A map as a store. */
export function mapStore(name: string, entries: ReadonlyMap<string, Uint8Array>): ZarrStore {
  return {
    name,
    get(key, part) {
      const bytes = entries.get(key);
      if (!bytes) return null;
      if (!part) return bytes.slice();
      const start = part.start < 0 ? bytes.length + part.start : part.start;
      return start < 0 ? new Uint8Array(0) : bytes.slice(start, start + part.length);
    },
    size: () => [...entries.values()].reduce((sum, { length }) => sum + length, 0),
  };
}
