import type { z } from 'zod';

/** What zod knows of a schema, as far as it is read here. */
interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly innerType?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
  readonly element?: z.ZodType;
  readonly items?: readonly z.ZodType[];
  readonly valueType?: z.ZodType;
  readonly keyType?: z.ZodType;
  readonly entries?: Readonly<Record<string, string>>;
  readonly in?: z.ZodType;
}

export const definitionOf = (schema: z.ZodType): Definition =>
  (schema as unknown as { _zod: { def: Definition } })._zod.def;

/** The object or union behind defaults, optionals and the like. */
export function unwrap(schema: z.ZodType): z.ZodType {
  const definition = definitionOf(schema);
  const inner = definition.innerType ?? (definition.type === 'pipe' ? definition.in : undefined);
  return inner ? unwrap(inner) : schema;
}

/** The branch of a union that a value means, by its discriminating key. */
export function branchOf(schema: z.ZodType, value: unknown): z.ZodType {
  const core = unwrap(schema);
  const { options, discriminator } = definitionOf(core);
  if (!options || !discriminator || typeof value !== 'object' || value === null) return core;
  const wanted = (value as Record<string, unknown>)[discriminator];
  return (
    options.find((option) => {
      const shape = definitionOf(unwrap(option)).shape;
      return shape?.[discriminator] !== undefined && shape[discriminator].safeParse(wanted).success;
    }) ?? core
  );
}

/** The schema that a value at a path is held to, or null where none is known. */
export function schemaAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): z.ZodType | null {
  let at = branchOf(schema, value);
  let current = value;
  for (const part of path) {
    const { shape, element, items, valueType } = definitionOf(unwrap(at));
    current = (current as Record<PropertyKey, unknown> | null | undefined)?.[part];
    const next = shape?.[String(part)] ?? element ?? items?.[Number(part)] ?? valueType;
    if (!next) return null;
    at = branchOf(next, current);
  }
  return unwrap(at);
}

/** Whether only whole numbers are let in: zod says "number" of text that stands in their place. */
export function isWhole(schema: z.ZodType | null): boolean {
  return schema !== null && (definitionOf(schema).format === 'safeint' || definitionOf(schema).format === 'int32');
}

/** Names that a map may have at a path: what an unknown key might have meant. */
export function namesAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  const at = schemaAt(schema, value, path);
  if (!at) return [];
  const { shape, keyType } = definitionOf(at);
  return shape ? Object.keys(shape) : Object.values((keyType && definitionOf(keyType).entries) ?? {});
}
