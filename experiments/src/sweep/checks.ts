import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '@lacuna/core';
import { globImages, isGlob, listImages } from '@lacuna/datasets';
import { canonicalJson } from '@lacuna/sweep';
import { prepareData } from '../trial/prepare.js';
import { isBaseline } from './method.js';
import type { LacunaTrial } from './plan.js';

/**
 * Looks for the files that the data of trials name, without reading them: a dry run refuses what the sweep would.
 * @throws {InputError} for folders, patterns and manifests that are not there, or hold no image.
 */
export function checkPaths(trials: readonly LacunaTrial[]): void {
  const different = new Map(trials.map(({ config: { data } }) => [canonicalJson(data), data]));
  for (const data of different.values()) {
    if (data.source === 'folder') listSource(data.path);
    if (data.source === 'pairs') for (const folder of [data.hr, data.lr]) listSource(folder);
    if (data.source === 'manifest' && !statSync(resolve(data.path), { throwIfNoEntry: false })?.isFile())
      throw new InputError({ who: data.path, got: 'no such file', wanted: 'a manifest (CSV)' });
  }
}

function listSource(path: string): void {
  if (isGlob(path)) globImages(resolve(path));
  else listImages(resolve(path));
}

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
  for (const config of different.values()) (await prepareData(config, { baseDir: process.cwd() })).test();
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
