import { z } from 'zod';
import { sweepShape } from '@lacuna/sweep';
import { commonSpec, trialSpec } from './spec.js';

/** A JSON Schema (draft 2020-12), as far as it is read here. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

/** Keys of a spec beyond those of trials: what the file takes over, and the sweep's own. */
const extendsSchema = z
  .union([z.string(), z.array(z.string())])
  .describe('a spec, or several, that this one takes over and changes; paths from this file');

const convert = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

/**
 * The JSON Schema of spec files, by which editors complete, describe and check them. Every key may be left out: another
 * file or the command line can bring it. What a schema cannot say (axes that fit their fields) `lacuna sweep --dry-run`
 * does.
 */
export function specJsonSchema(): JsonSchema {
  const sweep = partial(convert(z.strictObject(sweepShape)));
  const trial = partial(convert(trialSpec()));
  const common = partial(convert(commonSpec));
  const { methods, ...others } = sweep.properties ?? {};
  const method = { anyOf: [{ $ref: '#/$defs/trial' }, { type: 'null' }] };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A spec of Lacuna',
    type: 'object',
    properties: {
      extends: convertInner(extendsSchema),
      name: others['name'],
      description: others['description'],
      ...trial.properties,
      methods: { type: 'object', description: methods.description, additionalProperties: method },
      axes: others['axes'],
      seeds: others['seeds'],
      search: others['search'],
      budget: others['budget'],
      ...common.properties,
    },
    additionalProperties: false,
    $defs: { trial: { type: 'object', properties: trial.properties, additionalProperties: false } },
  };
}

function convertInner(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = convert(schema);
  return rest;
}

/** A schema of which every key may be left out, and several alternatives may fit: a spec is put together from parts. */
function partial(schema: JsonSchema): JsonSchema {
  return visit(schema) as JsonSchema;
}

function visit(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(visit);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, part]) => !(key === 'required' && Array.isArray(part)))
    .map(([key, part]) => [key === 'oneOf' ? 'anyOf' : key, key === 'default' ? part : visit(part)] as const);
  return Object.fromEntries(entries);
}
