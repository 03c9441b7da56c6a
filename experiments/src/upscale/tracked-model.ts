import { join } from 'node:path';
import {
  MlflowClient,
  MlflowConnectionError,
  MlflowServerError,
  openArtifacts,
  type RunEntity,
} from 'mlflow-ts-client';
import { FailureError, InputError } from '@lacuna/core';
import { readSetupState } from '../machine/setup-state.js';
import { openTrackingAddress } from '../tracking/address.js';
import { ensureTrackingServer } from '../tracking/server.js';
import { stateFolder } from '../machine/workspace.js';
import { betterIs } from './better.js';
import { modelKinds, type LocatedModel, type Selection } from './located-model.js';

/** The model that an MLflow run logged. */
export async function modelOfRun(runId: string, selection: Selection): Promise<LocatedModel> {
  const client = await openClient(selection.trackingUri);
  return answered(client.uri, async () => {
    const run = await client.mlflow.getRun(runId).catch((error: unknown) => {
      if (error instanceof MlflowServerError)
        throw new InputError(
          {
            who: `MODEL ${runId}`,
            got: `a run that ${client.uri} does not know`,
            wanted: 'the id of a run',
            remedy: 'name its server with --tracking-uri',
          },
          { cause: error },
        );
      throw error;
    });
    return downloadModel(client.mlflow, run, `run ${run.info.runName || runId}`);
  });
}

/** The run of an MLflow experiment whose model has the best validation score. */
export async function bestRun(experiment: string, { by, method, trackingUri }: Selection): Promise<LocatedModel> {
  const client = await openClient(trackingUri);
  return answered(client.uri, async () => {
    const found = await client.mlflow.getExperimentByName(experiment).catch((error: unknown) => {
      if (error instanceof MlflowServerError)
        throw new InputError(
          {
            who: `MODEL ${experiment}`,
            got: `neither a file nor a folder, nor an experiment of ${client.uri}`,
            wanted: modelKinds,
          },
          { cause: error },
        );
      throw error;
    });
    const runs: RunEntity[] = [];
    for await (const run of client.mlflow.runs([found.experimentId])) {
      if (
        run.info.status === 'FINISHED' &&
        run.outputs.modelOutputs.length > 0 &&
        (method === null || run.data.tags['lacuna.method'] === method)
      )
        runs.push(run);
    }
    if (runs.length === 0)
      throw new InputError({
        who: `MODEL ${experiment}`,
        got: `no finished run with a model${method === null ? '' : ` of method ${method}`}`,
        wanted: 'an experiment with trained models',
      });
    // Without --by, what the runs' own spec selected their checkpoints by.
    const metric = by ?? runs[0].data.params['training.select.metric'] ?? 'psnr';
    const score = (run: RunEntity) => run.data.metrics[`best_validation/${metric}`];
    const scored = runs.filter((run) => Number.isFinite(score(run)));
    if (scored.length === 0)
      throw new InputError({
        who: '--by',
        got: metric,
        wanted: `a metric of the experiment: ${[...new Set(runs.flatMap((run) => Object.keys(run.data.metrics)))]
          .filter((key) => key.startsWith('best_validation/'))
          .map((key) => key.slice('best_validation/'.length))
          .join(', ')}`,
      });
    const higher =
      (by === null ? (runs[0].data.params['training.select.better'] ?? betterIs(metric)) : betterIs(metric)) ===
      'higher';
    const [best] = scored.sort((a, b) => (higher ? -1 : 1) * (score(a) - score(b)));
    const place = `best of ${scored.length} by validation ${metric} (${score(best).toPrecision(4)})`;
    return downloadModel(client.mlflow, best, `run ${best.info.runName || best.info.runId}, ${place}`);
  });
}

async function openClient(given: string | null): Promise<{ mlflow: MlflowClient; uri: string }> {
  const named = given ?? process.env['MLFLOW_TRACKING_URI'] ?? '';
  let uri = named === '' ? '' : openTrackingAddress(given === null ? 'MLFLOW_TRACKING_URI' : '--tracking-uri', named);
  if (uri === '') {
    const server = await ensureTrackingServer({
      dir: join(stateFolder, 'mlflow'),
      python: readSetupState()?.mlflow?.python ?? null,
    });
    if ('unavailable' in server)
      throw new FailureError({
        who: 'MLflow',
        got: server.unavailable,
        wanted: 'a server that knows the run',
        remedy: "name a file or a sweep's folder instead, or --tracking-uri",
      });
    uri = server.uri;
  }
  return { uri, mlflow: new MlflowClient({ trackingUri: uri }) };
}

async function answered<T>(uri: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof MlflowConnectionError)
      throw new FailureError(
        {
          who: 'MLflow',
          got: `no answer from ${uri}`,
          wanted: 'a server that knows the run',
          remedy: 'start it (npx lacuna mlflow start) or name another with --tracking-uri',
        },
        { cause: error },
      );
    throw error;
  }
}

async function downloadModel(client: MlflowClient, run: RunEntity, label: string): Promise<LocatedModel> {
  for (const { modelId } of run.outputs.modelOutputs) {
    const model = await client.getLoggedModel(modelId);
    const store = openArtifacts(client.rest, model.artifactUri);
    const file = (await store.list()).items.find(({ path }) => /\.(onnx|safetensors)$/.test(path));
    if (!file) continue;
    const parts: Uint8Array[] = [];
    for await (const chunk of store.download(file.path)) parts.push(chunk);
    return { label, bytes: Buffer.concat(parts), trial: null };
  }
  throw new InputError({
    who: `MODEL ${run.info.runId}`,
    got: 'a run without a model',
    wanted: 'a run that trained one (bicubic has none)',
  });
}
