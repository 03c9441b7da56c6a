import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { Answer, Respond } from './fault-transport.js';

interface Point {
  key: string;
  value: number | string;
  timestamp: number;
  step: number;
}
interface HeldRun {
  info: Record<string, unknown> & {
    run_id: string;
    experiment_id: string;
    lifecycle_stage: string;
    start_time: number;
  };
  metrics: Map<string, Point>;
  params: Map<string, string>;
  tags: Map<string, string>;
  datasets: Map<string, unknown>;
  outputs: Map<string, unknown>;
}
interface HeldModel {
  info: Record<string, unknown> & { model_id: string; tags: { key: string; value: string }[] };
  deleted: boolean;
}

/**
 * MLflow's behaviour in memory, for the many fault schedules; `real.test.ts` runs schedules of the same kind against
 * the real server.
 */
export interface ModelServer {
  readonly uri: string;
  readonly runs: Map<string, HeldRun>;
  readonly artifacts: Map<string, Buffer>;
  readonly models: Map<string, HeldModel>;
  /** Answers without a socket. */
  readonly respond: Respond;
  close(): Promise<void>;
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
const invalid = (message: string): Refusal => new Refusal(400, 'INVALID_PARAMETER_VALUE', message);
const missing = (message: string): Refusal => new Refusal(404, 'RESOURCE_DOES_NOT_EXIST', message);
const NAME = /^[/\w.\- :]+$/u;

/** The last point of each metric: of the highest step, there of the latest time, there of the highest value. */
function latest(points: Iterable<Point>): Point[] {
  const last = new Map<string, Point>();
  for (const point of points) {
    const before = last.get(point.key);
    const later =
      before === undefined
        ? 1
        : point.step - before.step || point.timestamp - before.timestamp || Number(point.value) - Number(before.value);
    if (later > 0) last.set(point.key, point);
  }
  return [...last.values()];
}

export async function startModelServer(): Promise<ModelServer> {
  const experiments = new Map<string, string>();
  const runs = new Map<string, HeldRun>();
  const artifacts = new Map<string, Buffer>();
  const models = new Map<string, HeldModel>();

  const active = (id: unknown): HeldRun => {
    const run = runs.get(String(id));
    if (run === undefined) throw missing(`Run with id=${String(id)} not found`);
    if (run.info.lifecycle_stage !== 'active') throw invalid(`The run ${String(id)} must be in the 'active' state.`);
    return run;
  };
  const pairs = (values: Map<string, string>): { key: string; value: string }[] =>
    [...values].map(([key, value]) => ({ key, value }));
  const shown = (run: HeldRun): unknown => ({
    info: run.info,
    data: { metrics: latest(run.metrics.values()), params: pairs(run.params), tags: pairs(run.tags) },
    inputs: { dataset_inputs: [...run.datasets.values()] },
    outputs: { model_outputs: [...run.outputs.values()] },
  });
  const tagFilter = (filter: unknown): ((tags: Map<string, string>) => boolean) => {
    const match = /^tags\.`([^`]+)` = '([^']*)'$/.exec(String(filter));
    if (match === null) throw invalid(`unknown filter ${String(filter)}`);
    return (tags) => tags.get(match[1]) === match[2];
  };

  type Body = Record<string, unknown>;
  const routes: Record<string, (body: Body) => unknown> = {
    'GET experiments/get-by-name': ({ experiment_name: name }) => {
      const id = experiments.get(String(name));
      if (id === undefined) throw missing(`Could not find experiment with name '${String(name)}'`);
      return { experiment: { experiment_id: id, name, lifecycle_stage: 'active' } };
    },
    'POST experiments/create': ({ name }) => {
      if (experiments.has(String(name))) throw new Refusal(400, 'RESOURCE_ALREADY_EXISTS', 'exists');
      experiments.set(String(name), String(experiments.size + 1));
      return { experiment_id: experiments.get(String(name)) };
    },
    'POST runs/create': (body) => {
      const id = randomUUID().replaceAll('-', '');
      const tags = new Map((body['tags'] as { key: string; value: string }[]).map(({ key, value }) => [key, value]));
      if (body['run_name']) tags.set('mlflow.runName', String(body['run_name']));
      const info = {
        run_id: id,
        run_name: String(body['run_name'] ?? 'x'),
        user_id: String(body['user_id'] ?? ''),
        experiment_id: String(body['experiment_id']),
        status: 'RUNNING',
        start_time: Number(body['start_time']),
        lifecycle_stage: 'active',
        artifact_uri: `mlflow-artifacts:/${String(body['experiment_id'])}/${id}/artifacts`,
      };
      runs.set(id, { info, tags, metrics: new Map(), params: new Map(), datasets: new Map(), outputs: new Map() });
      return { run: shown(runs.get(id)!) };
    },
    'GET runs/get': ({ run_id }) => {
      const run = runs.get(String(run_id));
      if (run === undefined) throw missing('not found');
      return { run: shown(run) };
    },
    'POST runs/search': ({ experiment_ids, filter }) => {
      const matches = tagFilter(filter);
      const found = [...runs.values()].filter(
        (run) =>
          (experiment_ids as string[]).includes(run.info.experiment_id) &&
          run.info.lifecycle_stage === 'active' &&
          matches(run.tags),
      );
      found.sort((a, b) => a.info.start_time - b.info.start_time || (a.info.run_id < b.info.run_id ? -1 : 1));
      return { runs: found.map(shown) };
    },
    'POST runs/update': ({ run_id, status, end_time, run_name }) => {
      const run = active(run_id);
      if (status !== undefined) run.info['status'] = status;
      if (end_time !== undefined) run.info['end_time'] = end_time;
      if (run_name !== undefined) {
        run.info['run_name'] = run_name;
        run.tags.set('mlflow.runName', String(run_name));
      }
      return { run_info: run.info };
    },
    'POST runs/delete': ({ run_id }) => {
      active(run_id).info.lifecycle_stage = 'deleted';
      return {};
    },
    'POST runs/log-batch': (body) => {
      const run = active(body['run_id']);
      const metrics = body['metrics'] as Point[];
      const params = body['params'] as { key: string; value: string }[];
      const tags = body['tags'] as { key: string; value: string }[];
      if (
        metrics.length > 1000 ||
        params.length > 100 ||
        tags.length > 100 ||
        metrics.length + params.length + tags.length > 1000
      )
        throw invalid('too many');
      for (const { key } of [...metrics, ...params, ...tags])
        if (!NAME.test(key) || key.length > 250) throw invalid(`Invalid name '${key}'`);
      if (new Set(params.map(({ key }) => key)).size < params.length)
        throw invalid('Duplicate parameter keys have been submitted');
      for (const { key, value } of params)
        if ((run.params.get(key) ?? value) !== value) throw invalid(`Changing param values is not allowed: ${key}`);
      for (const { key, value } of params) run.params.set(key, value);
      for (const point of metrics)
        run.metrics.set([point.key, point.timestamp, point.step, point.value].join('|'), point);
      for (const { key, value } of tags) run.tags.set(key, value);
      return {};
    },
    'GET metrics/get-history': ({ run_id, metric_key }) => ({
      metrics: [...runs.get(String(run_id))!.metrics.values()].filter(({ key }) => key === metric_key),
    }),
    'GET artifacts/list': ({ run_id, path }) => {
      const { artifact_uri: root } = runs.get(String(run_id))!.info;
      const folder = `${String(root).replace('mlflow-artifacts:/', '')}/`;
      const below = path === undefined ? folder : `${folder}${String(path)}/`;
      const found = new Map<string, unknown>();
      for (const [name, content] of artifacts) {
        if (!name.startsWith(below)) continue;
        const [first, ...rest] = name.slice(below.length).split('/');
        const shownPath = `${below}${first}`.slice(folder.length);
        found.set(
          shownPath,
          rest.length > 0
            ? { path: shownPath, is_dir: true }
            : { path: shownPath, is_dir: false, file_size: content.length },
        );
      }
      return { root_uri: root, files: [...found.values()] };
    },
    'POST runs/delete-tag': ({ run_id, key }) => {
      if (!active(run_id).tags.delete(String(key))) throw missing('No tag');
      return {};
    },
    'POST runs/log-inputs': ({ run_id, datasets }) => {
      const run = active(run_id);
      for (const input of datasets as { dataset: { name: string; digest: string } }[])
        run.datasets.set(`${input.dataset.name}|${input.dataset.digest}`, input);
      return {};
    },
    'POST runs/outputs': ({ run_id, models: made }) => {
      const { outputs } = active(run_id);
      for (const { model_id: id } of made as { model_id: string }[])
        if (outputs.has(id))
          throw new Refusal(
            400,
            'BAD_REQUEST',
            'UNIQUE constraint failed: ' +
              'inputs.source_type, inputs.source_id, inputs.destination_type, inputs.destination_id',
          );
      for (const output of made as { model_id: string }[]) outputs.set(output.model_id, output);
      return {};
    },
    'POST logged-models/search': ({ filter }) => {
      const matches = tagFilter(filter);
      return {
        models: [...models.values()]
          .filter((model) => !model.deleted && matches(new Map(model.info.tags.map(({ key, value }) => [key, value]))))
          .map(({ info }) => ({ info })),
      };
    },
    'POST logged-models': (body) => {
      const id = `m-${randomUUID().replaceAll('-', '')}`;
      models.set(id, {
        deleted: false,
        info: {
          ...body,
          model_id: id,
          tags: body['tags'] as { key: string; value: string }[],
          status: 'LOGGED_MODEL_PENDING',
          artifact_uri: `mlflow-artifacts:/${String(body['experiment_id'])}/models/${id}/artifacts`,
        },
      });
      return { model: { info: models.get(id)?.info } };
    },
  };

  const answer = (method: string, url: URL, body: Buffer): unknown => {
    if (url.pathname === '/version') return Buffer.from('3.17.2');
    const proxied = /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/(.*)$/.exec(url.pathname);
    if (proxied !== null && method === 'PUT') {
      artifacts.set(decodeURIComponent(proxied[1]), body);
      return Buffer.alloc(0);
    }
    if (proxied !== null && method === 'GET') {
      const held = artifacts.get(decodeURIComponent(proxied[1]));
      if (held === undefined) throw missing('no such artifact');
      return held;
    }
    const name = url.pathname.replace(/^\/api\/2\.0\/mlflow\//, '');
    const values =
      method === 'GET' ? Object.fromEntries(url.searchParams) : (JSON.parse(body.toString('utf8') || '{}') as Body);
    const route = routes[`${method} ${name}`];
    if (route !== undefined) return route(values);
    const model = models.get(name.replace('logged-models/', ''));
    if (model === undefined) throw missing(`no ${method} ${name}`);
    if (method === 'PATCH') model.info['status'] = values['status'];
    if (method === 'DELETE') {
      model.deleted = true;
      return {};
    }
    return { model: { info: model.info } };
  };

  const respond = (method: string, url: string, body: Buffer): Answer => {
    try {
      const json = answer(method, new URL(url, 'http://model'), body);
      return { status: 200, type: 'application/json', body: Buffer.isBuffer(json) ? json : JSON.stringify(json) };
    } catch (error) {
      const { status, code, message } =
        error instanceof Refusal ? error : new Refusal(500, 'INTERNAL_ERROR', String(error));
      return { status, type: 'application/json', body: JSON.stringify({ error_code: code, message }) };
    }
  };
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { status, type, body } = respond(request.method ?? 'GET', request.url ?? '/', Buffer.concat(parts));
      response.writeHead(status, { 'content-type': type }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runs,
    artifacts,
    models,
    respond,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
