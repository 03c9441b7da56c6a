import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MlflowClient } from '../client.js';
import type { ClientOptions } from '../config.js';
import { MlflowSpoolError } from '../errors.js';
import type { SpoolEvent } from '../sender/events.js';
import type { SenderOptions } from '../sender/sender.js';
import { FileLock } from '../spool/lock.js';
import { markName, type HeaderRecord } from '../spool/record.js';
import { listSegments } from '../spool/segments.js';
import { folderName, loggedSteps, openSpool, readHeader } from '../spool/spool.js';
import { readState } from '../spool/state.js';
import { Delivery, writerLockPath } from './delivery.js';
import type { ImageEncoder } from './image.js';
import type { Transport } from '../transport/transport.js';
import { checkFreeName, LIMITS } from '../validate.js';
import { Run } from './run.js';
import type { ParamValue } from './run-items.js';

/** The mark after a run's own tags and first params. */
const OPENED = 'mlflow-ts-client.opened';

/** How a run is started. What is left out comes from MLflow's environment variables. */
export interface StartRunOptions extends ClientOptions {
  /**
   * Folder of journals; default `MLFLOW_SPOOL_DIR`, else `.mlflow-spool` here. Keep it on a local or shared disk that
   * outlives the process.
   */
  readonly spoolDir?: string;
  /** Made where it is missing. Default `MLFLOW_EXPERIMENT_NAME`, else `Default`. */
  readonly experimentName?: string;
  /** Name that is shown; default: one that the server makes up. */
  readonly runName?: string;
  /** Tags that the run begins with. */
  readonly tags?: Readonly<Record<string, ParamValue>>;
  /** Params that the run begins with. */
  readonly params?: Readonly<Record<string, ParamValue>>;
  /**
   * Your own name for this run, unique within the experiment. Starting again with the same one goes on with the same
   * run, found in the spool or at the server, also after a kill.
   */
  readonly trialKey?: string;
  /** An existing run of the server to go on with. Default `MLFLOW_RUN_ID`. */
  readonly runId?: string;
  /** Sample CPU, memory, GPU and power; a number is the interval in ms. */
  readonly systemMetrics?: boolean | number;
  /** Told of refusals, retries and torn lines. It must not throw. */
  readonly onEvent?: (event: SpoolEvent) => void;
  /** Turns pixels into PNG and WebP; default: `sharp`, where it is installed. */
  readonly imageEncoder?: ImageEncoder;
  /** How requests are sent; default: `node:http` with kept-alive connections. */
  readonly transport?: Transport;
  /** Timing of the delivery; for tests and odd networks. */
  readonly delivery?: Pick<SenderOptions, 'retryBaseMs' | 'retryMaxMs' | 'settleMs' | 'lingerMs'>;
}

/**
 * Starts a run, or goes on with one. Returns at once, whether or not a server answers; without any `trackingUri`
 * everything stays in the spool until `syncSpools`.
 *
 *     await using run = await startRun({ experimentName: 'dentin', runName: 'edsr-x4' });
 *     run.logParams({ lr: 1e-4 });
 *     run.logMetric('val/psnr', 31.2, { step: 100 });
 *
 * @throws {MlflowSpoolError} where the spool cannot be written, or another living process logs to the same run.
 */
export async function startRun(options: StartRunOptions = {}): Promise<Run> {
  const { delivery, logged } = await openDelivery(options);
  const run = new Run(delivery, { logged, encoder: options.imageEncoder });
  if (options.systemMetrics) run.startSystemMetrics(options.systemMetrics === true ? undefined : options.systemMetrics);
  return run;
}

/**
 * Runs `body` with a run that ends as FINISHED, or as FAILED where the body throws; the error goes on to the caller.
 */
export async function withRun<Out>(options: StartRunOptions, body: (run: Run) => Out | Promise<Out>): Promise<Out> {
  const run = await startRun(options);
  try {
    const result = await body(run);
    await run.end('FINISHED');
    return result;
  } catch (error) {
    await run.end('FAILED');
    throw error;
  }
}

/** The lower half of {@link startRun}: folder, lock, journal and sender. */
export async function openDelivery(
  options: StartRunOptions,
): Promise<{ delivery: Delivery; logged: ReadonlyMap<string, number> }> {
  const env = options.env ?? process.env;
  const spool = openSpool(options.spoolDir ?? env['MLFLOW_SPOOL_DIR'] ?? '.mlflow-spool');
  const experimentName = options.experimentName ?? env['MLFLOW_EXPERIMENT_NAME'] ?? 'Default';
  const runId = options.runId ?? (options.trialKey === undefined ? env['MLFLOW_RUN_ID'] || undefined : undefined);
  const identity = runId === undefined ? options.trialKey : `run-${runId}`;
  checkFreeName('startRun', experimentName, LIMITS.experimentName);
  if (options.runName !== undefined) checkFreeName('startRun', options.runName, LIMITS.runName);
  const name = folderName(experimentName, identity);
  const folder = path.join(spool.dir, name);
  fs.mkdirSync(folder, { recursive: true });
  const lock = FileLock.acquire(writerLockPath(folder));
  if (lock === undefined) {
    throw new MlflowSpoolError({
      who: 'startRun',
      got: `a run that another living process logs to (${folder})`,
      wanted: 'one writer for a run',
      remedy: 'Wait for it to end, or use another trialKey.',
    });
  }
  const before = await readHeader(folder);
  const state = readState(folder);
  const resumed =
    runId !== undefined || before !== undefined || state.runId !== undefined || listSegments(folder).length > 0;
  const user = userName();
  const header: HeaderRecord = before ?? {
    t: 'header',
    version: 1,
    key: options.trialKey ?? name,
    experimentName,
    runName: options.runName,
    runId,
    userId: user,
    startTime: Date.now(),
  };
  const logged = resumed ? await loggedSteps(folder) : new Map<string, number>();
  const uri = options.trackingUri ?? env['MLFLOW_TRACKING_URI'];
  // The sender has its own patience: one try a request, so that it can tell what is uncertain.
  const client =
    uri === undefined || uri === ''
      ? undefined
      : new MlflowClient({ ...options, env, trackingUri: uri, maxRetries: 0 }, options.transport);
  const delivery = new Delivery({
    folder,
    header,
    lock,
    resumed,
    keepFolder: options.trialKey !== undefined,
    sender: client === undefined ? undefined : { client, onEvent: options.onEvent, ...options.delivery },
  });
  delivery.append({ t: 'open', at: Date.now(), resumed });
  const tags = {
    'mlflow.user': user,
    'mlflow.source.name': path.basename(process.argv[1] ?? 'node'),
    'mlflow.source.type': 'LOCAL',
    ...options.tags,
  };
  const first = new Run(delivery, { logged });
  // A process may be killed after its first record: the mark tells a run that was begun in full.
  if (logged.has(markName(OPENED))) {
    if (options.tags !== undefined) first.setTags(options.tags);
  } else first.setTags(runId === undefined ? tags : (options.tags ?? {}));
  if (options.params !== undefined) first.logParams(options.params);
  delivery.append({ t: 'mark', name: OPENED });
  return { delivery, logged };
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return 'unknown';
  }
}
