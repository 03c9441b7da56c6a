import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { MlflowClient, openArtifacts, where, type Transport } from '../../src/index.js';
import type { Contents, Expected } from './plan.js';

/** Reads every field back, past all faults, and compares it with what was logged. */
export async function inspect(
  server: { uri: string; transport?: Transport },
  run: { experimentName: string; key: string; trial: string; folder: string },
  expected: Expected,
): Promise<void> {
  const client = new MlflowClient({ trackingUri: server.uri, env: {} }, server.transport);
  const { experimentId } = await client.getExperimentByName(run.experimentName);
  const { items } = await client.searchRuns([experimentId], {
    filter: where.tag('mlflow-ts-client.key', '=', run.key),
  });
  expect(items.length, 'runs of this trial').toBe(1);
  const [held] = items;
  const { runId } = held.info;
  expect(held.info.status).toBe('FINISHED');
  for (const [name, points] of expected.metrics) {
    const history: [number, number][] = [];
    for await (const { step, value } of client.metricHistory(runId, name)) history.push([step, value]);
    expect(
      history.sort((a, b) => a[0] - b[0]),
      name,
    ).toEqual([...points].sort((a, b) => a[0] - b[0]));
  }
  expect(held.data.params).toEqual(Object.fromEntries(expected.params));
  const ours = Object.entries(held.data.tags).filter(([name]) => name.startsWith('tag'));
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(expected.tags));
  const read = async (file: string): Promise<Buffer> => Buffer.from(await client.readArtifact(runId, file));
  expect([...(await namesIn(client, runId, 'notes')), ...(await namesIn(client, runId, 'tables'))]).toEqual(
    [...expected.artifacts.keys()].sort(),
  );
  for (const [file, contents] of expected.artifacts) expectBytes(await read(file), contents, file);
  await inspectImages(await namesIn(client, runId, 'images'), expected.images, read);
  const tables = JSON.parse(held.data.tags['mlflow.loggedArtifacts'] ?? '[]') as { path: string; type: string }[];
  expect(tables.map(({ path, type }) => `${type} ${path}`).sort()).toEqual(
    [...expected.tables].map((path) => `table ${path}`).sort(),
  );
  expect(held.data.tags['mlflow.loggedImages']).toBe(expected.images.size > 0 ? 'True' : undefined);
  expect(new Set(held.inputs.datasetInputs.map(({ dataset }) => `${dataset.name} ${dataset.digest}`))).toEqual(
    expected.datasets,
  );
  await inspectModels(client, { experimentId, trial: run.trial }, held.outputs.modelOutputs, expected.models);
  expect(refusedValues(run.folder), 'refused items').toEqual(expected.refused);
}

async function namesIn(client: MlflowClient, runId: string, folder: string): Promise<string[]> {
  return (await client.listArtifacts(runId, folder)).map((file) => file.path).sort();
}

/** Two files for each image, of one stem, and no other file: that would hide them all in the UI. */
async function inspectImages(
  files: readonly string[],
  images: Expected['images'],
  read: (file: string) => Promise<Buffer>,
): Promise<void> {
  expect(files.length, `files in images: ${files.join(', ')}`).toBe(2 * images.size);
  for (const [step, { png, webp }] of images) {
    const [file] = files.filter((name) => name.startsWith(`images/val~sr+step+${step}+`) && name.endsWith('.png'));
    expectBytes(await read(file), png, file);
    expectBytes(await read(file.replace(/\.png$/, '+compressed.webp')), webp, file);
  }
}

async function inspectModels(
  client: MlflowClient,
  of: { experimentId: string; trial: string },
  outputs: readonly { modelId: string; step: number }[],
  models: Expected['models'],
): Promise<void> {
  const { items } = await client.searchLoggedModels([of.experimentId], { filter: where.tag('trial', '=', of.trial) });
  expect(items.map(({ modelId, status }) => [modelId, status]).sort()).toEqual(
    outputs.map(({ modelId }) => [modelId, 'LOGGED_MODEL_READY']).sort(),
  );
  expect(outputs.map(({ step }) => step).sort((a, b) => a - b)).toEqual([...models.keys()].sort((a, b) => a - b));
  for (const { modelId, step } of outputs) {
    const store = openArtifacts(client.rest, items.find((model) => model.modelId === modelId)!.artifactUri);
    for (const [name, contents] of Object.entries(models.get(step)!)) {
      const parts: Uint8Array[] = [];
      for await (const part of store.download(name)) parts.push(part);
      expectBytes(Buffer.concat(parts), contents, `${name} of the model of step ${step}`);
    }
  }
}

function expectBytes(held: Buffer, { text, size }: Contents, what: string): void {
  if (!held.equals(Buffer.alloc(size, text)))
    throw new Error(
      `${what}: got ${held.length} bytes "${held.toString('latin1', 0, 40)}", wanted ${size} of "${text}"`,
    );
}

function refusedValues(folder: string): Set<string> {
  const file = path.join(folder, 'rejected.jsonl');
  if (!fs.existsSync(file)) return new Set();
  return new Set(
    fs
      .readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { item: { v?: string } }).item.v ?? line),
  );
}
