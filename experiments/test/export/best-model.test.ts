import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readImage, writeTiff } from '@lacuna/datasets';
import { readOnnxMetadata } from '@lacuna/onnx';
import { describeBestModel, exportBestModel } from '../../src/export/best-model.js';
import type { LacunaSweep } from '../../src/sweep/plan/plan.js';
import { layout } from '../../src/sweep/results/results.js';
import { picture, writeModel } from '../upscale/fixtures.js';

/** Trials with a model, a scan and a validation score; of planes, or of volumes enlarged x4 x2 x1 along x, y, z. */
function sweepOf(
  trials: Readonly<Record<string, { kind: string; cldice: number }>>,
  { volumes = false } = {},
): {
  sweep: LacunaSweep;
  folder: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-hand-over-'));
  for (const [id, { cldice }] of Object.entries(trials)) {
    const trial = layout.trial(folder, id);
    mkdirSync(layout.checkpoints(trial), { recursive: true });
    writeModel(join(layout.checkpoints(trial), 'best.safetensors'), {
      seed: id.charCodeAt(0),
      ...(volumes
        ? { factor: [1, 2, 4], model: { name: 'fsrcnn', d: 8, s: 4, m: 1, upsampler: 'shuffle', skip: 'bilinear' } }
        : {}),
      dataRange: [-255, 255],
      normalisation: { low: -20, high: 80 },
    });
    writeTiff(
      join(layout.images(trial), 'lr.tif'),
      picture({ width: 24, height: 40, depth: volumes ? 12 : 1, dataRange: [-10, 70] }),
      {
        type: 'float32',
      },
    );
    writeFileSync(
      layout.result(trial),
      JSON.stringify({
        id,
        name: `trial ${id}`,
        method: id,
        status: 'finished',
        factor: volumes ? { x: 4, y: 2, z: 1 } : 2,
        validation: { values: { cldice, psnr: 20 } },
        cost: { parameters: 10 },
      }),
    );
  }
  const config = (kind: string) => ({ regime: { kind }, training: { select: { metric: 'cldice', better: 'higher' } } });
  return {
    folder,
    sweep: {
      name: 'tiny',
      trials: Object.entries(trials).map(([id, { kind }]) => ({ id, name: id, config: config(kind) })),
    } as unknown as LacunaSweep,
  };
}

describe('exportBestModel', () => {
  it('takes the best geometry-informed model by validation, whatever scores other methods have', async () => {
    const { sweep, folder } = sweepOf({
      a: { kind: 'geometry', cldice: 0.7 },
      b: { kind: 'geometry', cldice: 0.8 },
      c: { kind: 'paired', cldice: 0.9 },
    });
    const best = (await exportBestModel(sweep, folder))!;
    expect(best.trial.id).toBe('b');
    expect(readOnnxMetadata(readFileSync(best.model))).toMatchObject({
      factor: 2,
      normalisation: { low: -20, high: 80 },
    });
    expect(await readImage(best.sr)).toMatchObject({ width: 48, height: 80 });
    expect(await readImage(best.picture)).toMatchObject({ width: 2 * 48 + 8, height: 48 });
    expect(describeBestModel(best)).toContain(
      'trial b: best validation cldice of the geometry-informed models, 0.8000',
    );
  });

  it('hands over a model of volumes: the stack enlarged, and its projections side by side', async () => {
    const { sweep, folder } = sweepOf({ a: { kind: 'geometry', cldice: 0.7 } }, { volumes: true });
    const best = (await exportBestModel(sweep, folder))!;
    expect(readOnnxMetadata(readFileSync(best.model))).toMatchObject({ volume: { factor: [1, 2, 4] } });
    expect(await readImage(best.sr)).toMatchObject({ width: 96, height: 80, depth: 12 });
    expect(await readImage(best.picture)).toMatchObject({ width: 2 * 80 + 8, height: 80, depth: 1 });
  });

  it('leaves nothing for sweeps without such a model', async () => {
    const { sweep, folder } = sweepOf({ c: { kind: 'paired', cldice: 0.9 } });
    expect(await exportBestModel(sweep, folder)).toBeNull();
    expect(existsSync(layout.model(folder))).toBe(false);
  });
});
