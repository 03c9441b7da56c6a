/** How much a spec may hold: more than any comparison needs, and little enough to be planned in seconds. */
export const LIMITS = {
  /** Of one file. */
  bytes: 1_000_000,
  /** Values and keys of one file, with what its aliases stand for. */
  nodes: 50_000,
  /** Maps and lists inside one another. */
  depth: 50,
  /** Files of one spec, by `extends`. */
  files: 50,
  trials: 100_000,
} as const;
