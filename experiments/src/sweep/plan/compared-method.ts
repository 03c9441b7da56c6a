import { InputError, nearestName } from '@lacuna/core';

/** @throws {InputError} where `compare.to` is no method of the sweep. */
export function requireComparedMethod(to: string | undefined, methods: readonly string[]): void {
  if (to === undefined || methods.includes(to)) return;
  const near = nearestName(to, methods);
  throw new InputError({
    who: 'compare.to',
    got: `a method that is not there, ${JSON.stringify(to)}`,
    wanted: `one of ${methods.join(', ')}`,
    ...(near === undefined ? {} : { remedy: `did you mean ${near}?` }),
  });
}
