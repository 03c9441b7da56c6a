import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { MlflowClient, Run, syncSpools, where, type SpoolEvent } from '../../src/index.js';
import { openDelivery } from '../../src/fluent/start-run.js';
import { listSegments, segmentName } from '../../src/spool/segments.js';
import { FAULTS, type FaultProxy } from './fault-proxy.js';
import { seeded } from './random.js';

export interface ScheduleOptions {
  readonly seed: number;
  readonly proxy: FaultProxy;
  /** The server without faults, to look at what it holds. */
  readonly upstream: string;
  readonly spoolDir: string;
  readonly settleMs: number;
  /** Metric points of each process of the run. */
  readonly steps: number;
}

/** What the server has to hold in the end. */
interface Expected {
  readonly metrics: Map<string, Map<number, number>>;
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly artifacts: Map<string, string>;
  readonly datasets: Set<string>;
  models: number;
  refused: number;
}

/**
 * One run through one seeded schedule of faults: one to three processes, all but the last killed (with a torn last write or not), the
 * next one going back to an earlier step; then an end, a last sync, and a look at every field. Returns what happened.
 */
export async function runSchedule(options: ScheduleOptions): Promise<{ kills: number; syncs: number }> {
  const random = seeded(options.seed);
  const rate = 0.05 + 0.4 * random();
  options.proxy.decide = () => (random() < rate ? FAULTS[Math.floor(random() * FAULTS.length)] : 'none');
  const key = `trial-${options.seed}`;
  const experimentName = `faults-${options.seed % 4}`;
  const delivery = { retryBaseMs: 2, retryMaxMs: 8, settleMs: options.settleMs, lingerMs: 0 };
  const refused: SpoolEvent[] = [];
  const onEvent = (event: SpoolEvent): void => { if (event.type === 'rejected') refused.push(event); };
  const expected: Expected = { metrics: new Map(), params: new Map(), tags: new Map(), artifacts: new Map(), datasets: new Set(), models: 0, refused: 0 };
  const processes = 1 + Math.floor(3 * random());
  let kills = 0;
  let from = 0;
  let folder = '';
  for (let index = 0; index < processes; index++) {
    const opened = await openDelivery({ trackingUri: options.proxy.uri, spoolDir: options.spoolDir, experimentName, trialKey: key, onEvent, delivery, env: {} });
    folder = opened.delivery.folder;
    const run = new Run(opened.delivery, { logged: opened.logged });
    const until = from + 1 + Math.floor(options.steps * random());
    for (let step = from; step < until; step++) {
      logStep(run, expected, step, random);
      if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    if (index < processes - 1) {
      await opened.delivery.abandon();
      if (random() < 0.5) tearLastWrite(folder);
      kills += 1;
      from = Math.max(0, until - Math.floor(4 * random()));
    } else if (random() < 0.5) {
      await run.end('FINISHED', { timeoutMs: 20_000 });
    } else {
      await run.end('FINISHED', { timeoutMs: 0 });
    }
  }
  let syncs = 0;
  for (; syncs < 5; syncs++) {
    const [left] = (await syncSpools(options.spoolDir, { trackingUri: options.proxy.uri, timeoutMs: 20_000, delivery, onEvent, env: {} })).filter((run) => run.folder === folder);
    if (left === undefined || left.outcome === 'delivered') break;
  }
  options.proxy.decide = () => 'none';
  // A late request of the last moments may still be on its way.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await inspect(new MlflowClient({ trackingUri: options.upstream, env: {} }), experimentName, key, expected);
  expect(refused.length, 'refused items').toBe(expected.refused);
  return { kills, syncs };
}

/** Logs what one training step may log. Values follow from the step, so that a step logged again is the same. */
function logStep(run: Run, expected: Expected, step: number, random: () => number): void {
  run.logMetrics({ loss: 1 / (step + 1), 'val/psnr': 20 + step }, { step });
  remember(expected.metrics, 'loss', step, 1 / (step + 1));
  remember(expected.metrics, 'val/psnr', step, 20 + step);
  if (random() < 0.3) {
    run.logParam(`p/${step}`, `value ${step}`);
    expected.params.set(`p/${step}`, `value ${step}`);
  }
  if (random() < 0.4) {
    const key = `tag${step % 3}`;
    run.setTag(key, `${step}`);
    expected.tags.set(key, `${step}`);
    if (random() < 0.2) {
      run.deleteTag(key);
      expected.tags.delete(key);
    }
  }
  if (random() < 0.3) {
    const file = `notes/${step % 4}.txt`;
    const text = `step ${step}`;
    void run.logText(text, file);
    expected.artifacts.set(file, text);
  }
  if (random() < 0.1) {
    run.logInput({ name: 'dentin', digest: `d${step}`, sourceType: 'local', source: '{}', context: 'training' });
    expected.datasets.add(`dentin d${step}`);
  }
  if (random() < 0.05) {
    // The name passes our check of characters; the server finds the value changed and refuses it alone.
    if (!expected.params.has('fixed')) {
      run.logParam('fixed', 'first');
      expected.params.set('fixed', 'first');
    }
    run.logParam('fixed', `changed at ${step}`);
    expected.refused += 1;
  }
}

function remember(metrics: Expected['metrics'], key: string, step: number, value: number): void {
  const points = metrics.get(key) ?? new Map<number, number>();
  metrics.set(key, points.set(step, value));
}

/** What a power cut may leave: the beginning of a line. */
function tearLastWrite(folder: string): void {
  const last = listSegments(folder).at(-1);
  if (last !== undefined) fs.appendFileSync(path.join(folder, segmentName(last)), '1badc0de {"t":"metric","k":"torn');
}

async function inspect(client: MlflowClient, experimentName: string, key: string, expected: Expected): Promise<void> {
  const { experimentId } = await client.getExperimentByName(experimentName);
  const { items } = await client.searchRuns([experimentId], { filter: where.tag('mlflow-ts-client.key', '=', key) });
  expect(items.length, 'runs of this trial').toBe(1);
  const [run] = items;
  expect(run.info.status).toBe('FINISHED');
  for (const [name, points] of expected.metrics) {
    const history: [number, number][] = [];
    for await (const { step, value } of client.metricHistory(run.info.runId, name)) history.push([step, value]);
    expect(history.sort((a, b) => a[0] - b[0]), name).toEqual([...points].sort((a, b) => a[0] - b[0]));
  }
  expect(run.data.params).toEqual(Object.fromEntries(expected.params));
  const ours = Object.entries(run.data.tags).filter(([name]) => name.startsWith('tag'));
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(expected.tags));
  for (const [file, text] of expected.artifacts) expect(Buffer.from(await client.readArtifact(run.info.runId, file)).toString(), file).toBe(text);
  expect(new Set(run.inputs.datasetInputs.map(({ dataset }) => `${dataset.name} ${dataset.digest}`))).toEqual(expected.datasets);
}
