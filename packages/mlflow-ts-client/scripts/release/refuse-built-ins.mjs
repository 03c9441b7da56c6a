// A loader for Node that has no more than a browser has: an import of one of Node's own modules fails.
import { isBuiltin, register } from 'node:module';

if (!import.meta.url.includes('?hooks')) register(`${import.meta.url}?hooks`);

/** Node's hook: where a name leads. */
export function resolve(specifier, context, next) {
  if (isBuiltin(specifier)) throw new Error(`${context.parentURL} imports ${specifier}, which no browser has`);
  return next(specifier, context);
}
