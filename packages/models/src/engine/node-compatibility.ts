import util from 'node:util';

/** Node 23 removed type checks from `util` that tfjs-node 4.22 still calls. */
export function restoreRemovedUtilities(): void {
  const target = util as unknown as Record<string, unknown>;
  target['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  target['isArray'] ??= Array.isArray;
  target['isString'] ??= (value: unknown) => typeof value === 'string';
  target['isNumber'] ??= (value: unknown) => typeof value === 'number';
  target['isBoolean'] ??= (value: unknown) => typeof value === 'boolean';
  target['isObject'] ??= (value: unknown) => value !== null && typeof value === 'object';
  target['isFunction'] ??= (value: unknown) => typeof value === 'function';
}
