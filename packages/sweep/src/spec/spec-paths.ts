import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { z } from 'zod';
import { schemaAt } from './schema-walk.js';
import { plain, type Tree } from './tree.js';

/** A field whose text is a path says so: `z.string().meta({ format: 'path' })`. */
const isPath = (schema: z.ZodType | null): boolean => schema?.meta()?.['format'] === 'path';

/**
 * A trial's tree in which paths that stand in a file, and are relative to it, are relative to the working directory;
 * those of options stay as they are. A spec that moves with its images works.
 */
export function resolvePaths(tree: Tree, schema: z.ZodType): Tree {
  const value = plain(tree);
  const visit = (at: Tree, path: readonly PropertyKey[]): Tree => {
    if (at.kind === 'list') return { ...at, items: at.items.map((item, i) => visit(item, [...path, i])) };
    if (at.kind === 'map') {
      const entries = [...at.entries].map(
        ([key, entry]) => [key, { ...entry, value: visit(entry.value, [...path, key]) }] as const,
      );
      return { ...at, entries: new Map(entries) };
    }
    const { file, line } = at.place;
    if (typeof at.value !== 'string' || line === 0 || isAbsolute(at.value) || at.value === '') return at;
    // In the working directory itself the text stays what was written.
    if (resolve(dirname(file)) === process.cwd() || !isPath(schemaAt(schema, value, path))) return at;
    return { ...at, value: relative(process.cwd(), resolve(dirname(file), at.value)) || '.' };
  };
  return visit(tree, []);
}
