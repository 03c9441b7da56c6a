import { z } from 'zod';

/** 64-bit integers: MLflow sends numbers, protobuf's own JSON sends strings; both are read. */
export const int64 = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

/**
 * Doubles: NaN and the infinities come as strings. The type is spelled out, since TypeScript writes the inferred one
 * with the name `-Infinity`, which no declaration file may hold.
 */
export const double: z.ZodType<number> = z.union([
  z.number(),
  z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number),
]);

/** An empty token means that there is no further page. */
export const nextPageToken = z
  .string()
  .optional()
  .transform((token) => (token === '' ? undefined : token));

const keyValue = z.object({ key: z.string(), value: z.string().optional().default('') });

/** `[{key, value}]` as an object. */
export const keyValues = z
  .array(keyValue)
  .optional()
  .default([])
  .transform((pairs): Record<string, string> => Object.fromEntries(pairs.map(({ key, value }) => [key, value])));

/** `{a: 'b'}` as `[{key: 'a', value: 'b'}]`. */
export function toPairs(values: Readonly<Record<string, string>> | undefined): { key: string; value: string }[] {
  return Object.entries(values ?? {}).map(([key, value]) => ({ key, value }));
}

/** A page of results; `nextPageToken` is absent on the last one. */
export interface Page<Item> {
  /** What the page holds, in the order that was asked for. */
  readonly items: Item[];
  /** To be handed on for the next page. */
  readonly nextPageToken: string | undefined;
}

/** Answers that carry nothing. */
export const nothing = z.unknown().transform(() => undefined);
