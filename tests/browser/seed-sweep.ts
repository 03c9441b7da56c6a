import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeIndexedPng, inferno } from '@lacuna/experiments';
import { MlflowClient, withRun } from 'mlflow-ts-client';

/** The little sweep that the browser looks at: two methods, two seeds, scores, curves and SR images at two steps. */
export const sweep = {
  tag: { key: 'lacuna.sweep', value: 'browser-test' },
  methods: ['bicubic', 'geometry'],
  seeds: [1, 2],
  steps: [0, 100, 200],
  imageKey: 'test/sr',
} as const;

/** Logs the sweep with our own client, sets the experiment's tags and returns its id. */
export async function seedSweep(
  trackingUri: string,
  experimentTags: readonly { key: string; value: string }[],
): Promise<string> {
  const client = new MlflowClient({ trackingUri });
  const experimentName = 'browser test';
  const experimentId = await client.createExperiment(experimentName, {
    tags: Object.fromEntries(experimentTags.map(({ key, value }) => [key, value])),
  });
  const spoolDir = mkdtempSync(join(tmpdir(), 'lacuna-spool-'));
  try {
    for (const [m, method] of sweep.methods.entries()) {
      for (const seed of sweep.seeds) {
        await withRun(
          {
            trackingUri,
            experimentName,
            spoolDir,
            runName: `${method} seed ${seed}`,
            tags: { [sweep.tag.key]: sweep.tag.value },
            params: { method, seed },
          },
          async (run) => {
            run.logMetrics({ 'test/clDice': 0.7 + 0.1 * m + 0.01 * seed, 'test/PSNR': 25 + 3 * m + 0.1 * seed });
            for (const step of sweep.steps) run.logMetric('validation/clDice', 0.5 + step / 1000 + 0.05 * m, { step });
            for (const step of [0, 200])
              await run.logImage(sweep.imageKey, { png: picture(m * 2 + seed, step) }, { step });
            const report = await run.flush({ timeoutMs: 60_000 });
            if (run.deliveryError !== undefined)
              throw new Error(`the run was not delivered: ${run.deliveryError.message} (${JSON.stringify(report)})`);
          },
        );
      }
    }
  } finally {
    rmSync(spoolDir, { recursive: true, force: true });
  }
  return experimentId;
}

/** A picture of 48 x 48 pixels, another one for each run and step. */
function picture(shade: number, step: number): Uint8Array {
  const side = 48;
  return encodeIndexedPng(
    Uint8Array.from({ length: side * side }, (_, i) => (i * shade + step) % 256),
    side,
    side,
    inferno,
  );
}
