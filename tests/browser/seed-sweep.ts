import { randomUUID } from 'node:crypto';
import { encodeIndexedPng, inferno } from '@lacuna/experiments';
import sharp from 'sharp';

/** The little sweep that the browser looks at: two methods, two seeds, scores, curves and SR images at two steps. */
export const sweep = { tag: { key: 'lacuna.sweep', value: 'browser-test' }, methods: ['bicubic', 'geometry'], seeds: [1, 2], steps: [0, 100, 200], imageKey: 'test/sr' } as const;

/** Logs the sweep as the tracker does and returns its experiment. */
export async function seedSweep(uri: string, experimentTags: readonly { key: string; value: string }[]): Promise<string> {
  const call = async (path: string, body: unknown) => {
    const response = await fetch(`${uri}/api/2.0/mlflow/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return await response.json() as Record<string, unknown>;
  };
  const { experiment_id: experimentId } = await call('experiments/create', { name: 'browser test', tags: experimentTags }) as { experiment_id: string };
  for (const [m, method] of sweep.methods.entries()) {
    for (const seed of sweep.seeds) {
      const timestamp = Date.now();
      const { run } = await call('runs/create', {
        experiment_id: experimentId, start_time: timestamp, run_name: `${method} seed ${seed}`,
        tags: [sweep.tag, { key: 'mlflow.loggedImages', value: 'true' }],
      }) as { run: { info: { run_id: string; artifact_uri: string } } };
      const metrics = [
        { key: 'test/clDice', value: 0.7 + 0.1 * m + 0.01 * seed, step: 0, timestamp },
        { key: 'test/PSNR', value: 25 + 3 * m + 0.1 * seed, step: 0, timestamp },
        ...sweep.steps.map((step) => ({ key: 'validation/clDice', value: 0.5 + step / 1000 + 0.05 * m, step, timestamp })),
      ];
      await call('runs/log-batch', { run_id: run.info.run_id, metrics, params: [{ key: 'method', value: method }, { key: 'seed', value: String(seed) }], tags: [] });
      for (const step of [0, 200]) await putImage(uri, run.info.artifact_uri, step, timestamp, m * 2 + seed);
      await call('runs/update', { run_id: run.info.run_id, status: 'FINISHED', end_time: timestamp + 1000 });
    }
  }
  return experimentId;
}

/** One image under the names that MLflow's grid looks for: the PNG and its small copy. */
async function putImage(uri: string, artifactUri: string, step: number, timestamp: number, shade: number): Promise<void> {
  const side = 48;
  const indices = Uint8Array.from({ length: side * side }, (_, i) => (i * shade + step) % 256);
  const png = encodeIndexedPng(indices, side, side, inferno);
  const stem = `images/${sweep.imageKey.replaceAll('/', '~')}+step+${step}+timestamp+${timestamp}+${randomUUID()}`;
  for (const [name, bytes] of [[`${stem}.png`, png], [`${stem}+compressed.webp`, await sharp(png).webp().toBuffer()]] as const) {
    const path = `${artifactUri.replace('mlflow-artifacts:/', '')}/${name}`.split('/').map(encodeURIComponent).join('/');
    const response = await fetch(`${uri}/api/2.0/mlflow-artifacts/artifacts/${path}`, { method: 'PUT', body: new Uint8Array(bytes) });
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
  }
}
