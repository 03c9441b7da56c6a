import { createHash } from 'node:crypto';
import { InputError } from '@lacuna/core';
import type { Region } from '@lacuna/datasets';
import { canonicalJson } from '@lacuna/sweep';
import { prepareData, type PreparedData } from '../trial/prepare.js';
import { isBaseline } from './method.js';
import type { LacunaTrial } from './plan.js';

/**
 * Reads the data of new trials before anything is written: what is wrong with them is said once, and not by every
 * trial.
 */
export async function checkData(trials: readonly LacunaTrial[]): Promise<void> {
  const different = new Map(
    trials.map(({ config }) => [
      canonicalJson([config.data, config.degradation, config.split, config.normalise]),
      config,
    ]),
  );
  for (const config of different.values()) requireApart(await prepareData(config, { baseDir: process.cwd() }));
}

/**
 * No pixels may be on both sides of the split, whatever the regime: scores of what was trained on mean nothing.
 * @throws {InputError} naming both images.
 */
function requireApart({ training, validation, test }: PreparedData): void {
  const seen = new Map<string, Region>();
  for (const { region } of [...training, ...validation, ...test()]) {
    const { data } = region.hr;
    // Empty slices are all alike.
    if (data.every((value) => value === data[0])) continue;
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const digest = createHash('sha256').update(`${region.box.width}\n`).update(pixels).digest('hex');
    const before = seen.get(digest);
    if (before && before.role !== region.role)
      throw new InputError({
        who: `split of ${before.box.image} and ${region.box.image}`,
        got: `the same pixels for ${before.role} and for ${region.role}`,
        wanted: 'images that are in one of training, validation and test',
        remedy: 'leave the copies out: scores of what was trained on mean nothing',
      });
    seen.set(digest, region);
  }
}

/**
 * Opens the networks of others that new trials run: files that are not there or do not fit are said once, packages are
 * fetched once.
 */
export async function checkBaselines(trials: readonly LacunaTrial[]): Promise<void> {
  const different = new Map(
    trials.map(({ config: { regime, degradation } }) => [
      canonicalJson([regime, degradation.factor]),
      { regime, factor: degradation.factor },
    ]),
  );
  for (const { regime, factor } of different.values()) {
    if (!isBaseline(regime)) continue;
    // Loaded here: sweeps without such methods do not depend on onnxruntime having a build for the machine.
    const { openBaseline } = await import('../baseline/baseline.js');
    const baseline = await openBaseline(regime, { factor, baseDir: process.cwd(), threads: 1 });
    await baseline.dispose();
    const { parameters, macs720p } = baseline.cost;
    const gigaMacs = (macs720p / 1e9).toFixed(2);
    const cost = `${parameters.toLocaleString('en')} parameters, ${gigaMacs} GMACs at 720p`;
    console.log(`baseline   ${baseline.label}: ${cost}`);
  }
}
