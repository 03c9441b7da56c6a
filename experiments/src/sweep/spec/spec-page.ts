import { specJsonSchema, type JsonSchema } from './spec-schema.js';

const HEAD = `# Every field of a spec

<!-- Made by \`npx lacuna schema --markdown > docs/spec.md\` from the schemas that check specs. Do not edit. -->

A spec is a YAML file that says everything about a sweep. \`experiments/specs\` holds some to start from;
\`extends\` takes one over, and \`--set path=value\` changes single fields from the command line.
\`lacuna sweep my.yaml --dry-run\` checks one and lists its trials.

- Maps merge key by key, lists and values are replaced. Where \`source\`, \`kind\` or \`name\` of a map changes, the
  whole map is replaced.
- \`methods: { x: null }\` leaves an inherited method out; \`--only a,b\` runs some. \`axes: {}\` takes all axes away.
- Paths in a file are relative to that file; on the command line they are relative to where one stands.
- A first line \`# yaml-language-server: $schema=spec.schema.json\` lets editors complete, describe and check a spec
  while it is written.

A field without a default must be given, by the spec, by what it extends, or by each method.
`;

/** \`docs/spec.md\`: every field of a spec with its values, default and meaning. */
export function specPage(): string {
  const { properties = {} } = specJsonSchema();
  return [HEAD, ...Object.entries(properties).map(([key, schema]) => section(key, schema))].join('\n');
}

function section(key: string, schema: JsonSchema): string {
  const lead = [schema.description, defaultOf(schema)].filter((text) => text !== undefined && text !== '');
  const body = key === 'methods' ? '' : fieldsOf(schema, key, 3);
  return [`## ${key}`, lead.map(String).join('; '), kindLine(schema), body].filter(Boolean).join('\n\n') + '\n';
}

/** What a field that is no map may be. */
function kindLine(schema: JsonSchema): string {
  const isMap =
    schema.properties !== undefined || branchesOf(schema).some(({ properties }) => properties !== undefined);
  return isMap ? '' : `Values: ${kindOf(schema)}.`;
}

function defaultOf(schema: JsonSchema): string | undefined {
  return schema.default === undefined ? undefined : `default \`${inline(schema.default)}\``;
}

/** Tables of a map's fields: one, or one for each alternative of a union. */
function fieldsOf(schema: JsonSchema, path: string, level: number): string {
  if (schema.properties) return table(schema.properties, path, level);
  return branchesOf(schema)
    .filter((branch) => branch.properties !== undefined)
    .map((branch) => `${'#'.repeat(level)} ${path}: ${titleOf(branch)}\n\n${table(branch.properties!, path, level)}`)
    .join('\n\n');
}

const branchesOf = (schema: JsonSchema): readonly JsonSchema[] => schema.anyOf ?? [];

/** What tells an alternative from the others: `kind: confocal`. */
function titleOf({ properties = {} }: JsonSchema): string {
  const found = ['source', 'kind', 'name'].find((key) => properties[key]?.const !== undefined || properties[key]?.enum);
  if (found === undefined) return `{ ${Object.keys(properties).join(', ')} }`;
  const { const: value, enum: values } = properties[found];
  return `${found} ${value === undefined ? (values ?? []).map(String).join(', ') : String(value)}`;
}

function table(properties: Readonly<Record<string, JsonSchema>>, path: string, level: number): string {
  const rows = Object.entries(properties).map(([key, schema]) => {
    const value = schema.default === undefined ? '' : `\`${inline(schema.default)}\``;
    return `| \`${key}\` | ${cell(kindOf(schema))} | ${cell(value)} | ${cell(schema.description ?? '')} |`;
  });
  const inner = Object.entries(properties)
    .map(([key, schema]) => [`${path}.${key}`, schema] as const)
    .filter(([, schema]) => hasFields(schema))
    .map(([name, schema]) => `${'#'.repeat(level + 1)} ${name}\n\n${fieldsOf(schema, name, level + 2)}`);
  return [['| field | values | default | |', '| --- | --- | --- | --- |', ...rows].join('\n'), ...inner].join('\n\n');
}

const hasFields = (schema: JsonSchema): boolean =>
  Object.keys(schema.properties ?? {}).length > 0 ||
  branchesOf(schema).some(({ properties }) => properties !== undefined);

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** What a value may be, for people. */
function kindOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  const branches = branchesOf(schema);
  if (branches.length > 0) return [...new Set(branches.map(kindOf))].join(' or ');
  if (schema.prefixItems) return `[${schema.prefixItems.map(kindOf).join(', ')}]`;
  switch (schema.type) {
    case 'integer':
      return `whole number${rangeOf(schema)}`;
    case 'number':
      return `number${rangeOf(schema)}`;
    case 'array':
      return `list of ${schema.items ? kindOf(schema.items) : 'values'}`;
    case 'object':
      return 'map';
    case 'boolean':
      return '`true`, `false`';
    case 'string':
      return schema['format'] === 'path' ? 'path' : 'text';
    default:
      return 'any';
  }
}

/** Limits of a number; those of JavaScript itself say nothing. */
function rangeOf(schema: JsonSchema): string {
  const limit = (keyword: string): number | undefined => {
    const value = schema[keyword];
    return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
  };
  const [from, above, to, below] = ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum'].map(limit);
  const parts = [
    ...(from === undefined ? [] : [`≥ ${from}`]),
    ...(above === undefined ? [] : [`> ${above}`]),
    ...(to === undefined ? [] : [`≤ ${to}`]),
    ...(below === undefined ? [] : [`< ${below}`]),
  ];
  return parts.length > 0 ? ` ${parts.join(', ')}` : '';
}

/** A value as YAML writes it on one line. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return value === '' ? "''" : String(value);
  const entries = Object.entries(value).map(([key, part]) => `${key}: ${inline(part)}`);
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}';
}
