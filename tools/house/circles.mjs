// Circles among source files: files that import one another, over any number of steps, types included.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** The TypeScript files below a folder. */
export function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
}

/**
 * Which file imports which: `import`, `export ... from`, `import type` and `import()` of relative paths.
 * @returns {Map<string, string[]>}
 */
export function importGraph(files) {
  const known = new Set(files);
  const importsOf = (file) =>
    ts
      .preProcessFile(readFileSync(file, 'utf8'), true, true)
      .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
      .map(({ fileName }) => join(dirname(file), fileName.replace(/\.js$/, '.ts')))
      .filter((path) => known.has(path));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

/**
 * Sets of files of which each leads to each (strongly connected components of two or more, by Tarjan's algorithm),
 * and files that import themselves.
 * @returns {string[][]}
 */
export function findCircles(graph) {
  const order = new Map();
  const low = new Map();
  const stack = [];
  const open = new Set();
  const circles = [];
  const visit = (file) => {
    order.set(file, order.size);
    low.set(file, order.get(file));
    stack.push(file);
    open.add(file);
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) {
        visit(next);
        low.set(file, Math.min(low.get(file), low.get(next)));
      } else if (open.has(next)) low.set(file, Math.min(low.get(file), order.get(next)));
    }
    if (low.get(file) !== order.get(file)) return;
    const members = stack.splice(stack.indexOf(file));
    for (const member of members) open.delete(member);
    if (members.length > 1 || graph.get(file)?.includes(file)) circles.push(members);
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles;
}
