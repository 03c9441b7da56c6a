import { expect } from 'vitest';

/** One call of the contract. Ids that a server chose are named by `keep` and put in for `$name` in later calls. */
interface Step {
  readonly call: readonly ['GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', string];
  readonly json?: Readonly<Record<string, unknown>>;
  readonly body?: string;
  readonly keep?: Readonly<Record<string, readonly string[]>>;
}

const api = '/api/2.0/mlflow/';
const metric = (key: string, step: number, value: number | string): object => ({
  key,
  value,
  timestamp: 1000 + step,
  step,
});
const many = (count: number): object[] => Array.from({ length: count }, (_, step) => metric('m', step, step));

/** What the sender relies on, refusals among it. Names hold `$unique`, so that a used server serves too. */
const CONTRACT: readonly Step[] = [
  { call: ['GET', '/version'] },
  { call: ['GET', `${api}experiments/get-by-name?experiment_name=contract-$unique`] },
  {
    call: ['POST', `${api}experiments/create`],
    json: { name: 'contract-$unique' },
    keep: { experiment: ['experiment_id'] },
  },
  { call: ['POST', `${api}experiments/create`], json: { name: 'contract-$unique' } },
  { call: ['GET', `${api}experiments/get-by-name?experiment_name=contract-$unique`] },
  {
    call: ['POST', `${api}runs/create`],
    json: {
      experiment_id: '$experiment',
      run_name: 'one',
      start_time: 5,
      user_id: 'u',
      tags: [{ key: 'k', value: 'one' }],
    },
    keep: { run: ['run', 'info', 'run_id'] },
  },
  { call: ['GET', `${api}runs/get?run_id=$run`] },
  { call: ['GET', `${api}runs/get?run_id=0123456789abcdef0123456789abcdef`] },
  {
    call: ['POST', `${api}runs/search`],
    json: { experiment_ids: ['$experiment'], filter: "tags.`k` = 'one'", order_by: ['attributes.start_time ASC'] },
  },
  { call: ['POST', `${api}runs/search`], json: { experiment_ids: ['$experiment'], filter: "tags.`k` = 'two'" } },
  {
    call: ['POST', `${api}runs/log-batch`],
    json: {
      run_id: '$run',
      metrics: [metric('val/psnr', 1, 20.5), metric('val/psnr', 2, 'NaN')],
      params: [{ key: 'p', value: '1' }],
      tags: [{ key: 't', value: 'a' }],
    },
  },
  // The same again is fine and stored once.
  {
    call: ['POST', `${api}runs/log-batch`],
    json: {
      run_id: '$run',
      metrics: [metric('val/psnr', 1, 20.5)],
      params: [{ key: 'p', value: '1' }],
      tags: [{ key: 't', value: 'b' }],
    },
  },
  { call: ['GET', `${api}metrics/get-history?run_id=$run&metric_key=val/psnr`] },
  {
    call: ['POST', `${api}runs/log-batch`],
    json: { run_id: '$run', metrics: [metric('other', 1, 1)], params: [{ key: 'p', value: 'changed' }], tags: [] },
  },
  { call: ['GET', `${api}metrics/get-history?run_id=$run&metric_key=other`] },
  {
    call: ['POST', `${api}runs/log-batch`],
    json: { run_id: '$run', metrics: [metric('a%b', 1, 1)], params: [], tags: [] },
  },
  {
    call: ['POST', `${api}runs/log-batch`],
    json: {
      run_id: '$run',
      metrics: [],
      params: [
        { key: 'd', value: '1' },
        { key: 'd', value: '2' },
      ],
      tags: [],
    },
  },
  { call: ['POST', `${api}runs/log-batch`], json: { run_id: '$run', metrics: many(1001), params: [], tags: [] } },
  { call: ['POST', `${api}runs/log-batch`], json: { run_id: '$run', metrics: many(1000), params: [], tags: [] } },
  { call: ['POST', `${api}runs/delete-tag`], json: { run_id: '$run', key: 't' } },
  { call: ['POST', `${api}runs/delete-tag`], json: { run_id: '$run', key: 't' } },
  {
    call: ['POST', `${api}runs/log-inputs`],
    json: {
      run_id: '$run',
      datasets: [{ dataset: { name: 'd', digest: '1', source_type: 'local', source: '{}' }, tags: [] }],
    },
  },
  {
    call: ['POST', `${api}runs/log-inputs`],
    json: {
      run_id: '$run',
      datasets: [{ dataset: { name: 'd', digest: '1', source_type: 'local', source: '{}' }, tags: [] }],
    },
  },
  { call: ['PUT', '/api/2.0/mlflow-artifacts/artifacts/$experiment/$run/artifacts/notes/a.txt'], body: 'hello' },
  { call: ['GET', '/api/2.0/mlflow-artifacts/artifacts/$experiment/$run/artifacts/notes/a.txt'] },
  { call: ['GET', `${api}artifacts/list?run_id=$run&path=notes`] },
  { call: ['GET', `${api}artifacts/list?run_id=$run`] },
  { call: ['GET', `${api}artifacts/list?run_id=$run&path=nowhere`] },
  {
    call: ['POST', `${api}logged-models`],
    json: {
      experiment_id: '$experiment',
      name: 'edsr',
      source_run_id: '$run',
      params: [],
      tags: [{ key: 'k', value: 'm' }],
    },
    keep: { model: ['model', 'info', 'model_id'] },
  },
  { call: ['POST', `${api}logged-models/search`], json: { experiment_ids: ['$experiment'], filter: "tags.`k` = 'm'" } },
  { call: ['PATCH', `${api}logged-models/$model`], json: { model_id: '$model', status: 'LOGGED_MODEL_READY' } },
  { call: ['POST', `${api}runs/outputs`], json: { run_id: '$run', models: [{ model_id: '$model', step: 3 }] } },
  // Not the same again: a unique constraint.
  { call: ['POST', `${api}runs/outputs`], json: { run_id: '$run', models: [{ model_id: '$model', step: 3 }] } },
  { call: ['DELETE', `${api}logged-models/$model`], json: {} },
  { call: ['POST', `${api}logged-models/search`], json: { experiment_ids: ['$experiment'], filter: "tags.`k` = 'm'" } },
  { call: ['POST', `${api}runs/update`], json: { run_id: '$run', status: 'FINISHED', end_time: 9, run_name: 'two' } },
  { call: ['GET', `${api}runs/get?run_id=$run`] },
  { call: ['POST', `${api}runs/delete`], json: { run_id: '$run' } },
  {
    call: ['POST', `${api}runs/log-batch`],
    json: { run_id: '$run', metrics: [metric('m', 1, 1)], params: [], tags: [] },
  },
  { call: ['POST', `${api}runs/search`], json: { experiment_ids: ['$experiment'], filter: "tags.`k` = 'one'" } },
];

/** Fields that only the real server has, or whose values each server chooses; the client reads none of them but ids. */
const NOT_COMPARED = new Set([
  'message',
  'creation_time',
  'last_update_time',
  'creation_timestamp_ms',
  'last_updated_timestamp_ms',
  'run_uuid',
  'artifact_location',
  'workspace',
  'error_class',
  'sqlstate',
]);
/** Tags that the real server sets of itself. */
const OWN_TAGS = new Set(['mlflow.user', 'mlflow.source.name', 'mlflow.source.type']);

/**
 * Makes the calls of the contract one after another; gives what each was answered, with the server's own ids as
 * `$name`.
 */
export async function replay(uri: string, unique: string): Promise<string[]> {
  const known = new Map([['unique', unique]]);
  const put = (text: string): string => text.replace(/\$(\w+)/g, (_, name: string) => known.get(name) ?? `$${name}`);
  const answers: string[] = [];
  for (const {
    call: [method, path],
    json,
    body,
    keep,
  } of CONTRACT) {
    const response = await fetch(`${uri}${put(path)}`, {
      method,
      body: body ?? (json === undefined ? undefined : put(JSON.stringify(json))),
      headers: json === undefined ? {} : { 'content-type': 'application/json' },
    });
    const text = await response.text();
    const parsed = parse(text);
    for (const [name, steps] of Object.entries(keep ?? {})) {
      const value = steps.reduce<unknown>((held, key) => (held as Record<string, unknown>)[key], parsed);
      expect(value, `${method} ${path}`).toBeTypeOf('string');
      known.set(name, value as string);
    }
    let shown = `${response.status} ${JSON.stringify(canonical(parsed))}`;
    for (const [name, value] of known) if (name !== 'experiment') shown = shown.replaceAll(value, `$${name}`);
    shown = shown
      .replaceAll(`"experiment_id":"${known.get('experiment') ?? ''}"`, '"experiment_id":"$experiment"')
      .replaceAll(`mlflow-artifacts:/${known.get('experiment') ?? ''}/`, 'mlflow-artifacts:/$experiment/');
    answers.push(`${method} ${path}: ${shown}`);
  }
  return answers;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Sorted, without what is not compared and without empty values, which MLflow leaves out or not as it likes. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.filter((item) => !OWN_TAGS.has((item as { key?: string }).key ?? '')).map(canonical);
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key]) => !NOT_COMPARED.has(key))
    .map(([key, inner]) => [key, canonical(inner)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => !isEmpty(inner)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isEmpty(value: unknown): boolean {
  return (
    value === '' ||
    value === 0 ||
    value === undefined ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}
