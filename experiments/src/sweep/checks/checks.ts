import { createHash } from 'node:crypto';
import { InputError, describeShape, type Image } from '@lacuna/core';
import type { Region } from '@lacuna/datasets';
import { isUnpaired } from '@lacuna/models';
import { canonicalJson } from '@lacuna/sweep';
import { plannedDimensions } from '../../trial/data/dimensions.js';
import { keptSources } from '../../trial/data/kept-sources.js';
import { trueNetworkOf } from '../../trial/data/patch-fields.js';
import { patchGroups } from '../../trial/data/patch-groups.js';
import { prepareData, type PreparedData } from '../../trial/data/prepare.js';
import { guardOf } from '../../trial/data/split-options.js';
import { pairsFor } from '../../trial/view/slices.js';
import { describePatch, smallerPatch } from '../../trial/view/view-checks.js';
import { factorsInView, inView, patchOf, viewOf } from '../../trial/view/view.js';
import { isBaseline, isOriented, isTrained } from '../spec/method.js';
import type { LacunaTrial } from '../plan/plan.js';

/**
 * Reads the data of new trials before any of them starts: what is wrong with them is said once, and not by every trial.
 * @param shared the folder where what took long to read is kept for the trials, once nothing is wrong; null for none.
 */
export async function checkData(trials: readonly LacunaTrial[], shared: string | null = null): Promise<void> {
  const baseDir = process.cwd();
  const bySource = new Map<string, LacunaTrial[]>();
  for (const trial of trials) {
    const { data, dimensions, slicewise, degradation, split, normalise } = trial.config;
    const source = canonicalJson([data, dimensions, slicewise, degradation, split, normalise]);
    bySource.set(source, [...(bySource.get(source) ?? []), trial]);
  }
  for (const group of bySource.values()) {
    const [{ config }] = group;
    const sources = shared === null ? null : keptSources(shared, baseDir);
    const kept = sources?.read(config) ?? null;
    const data = await prepareData(config, { baseDir, ...(kept === null ? {} : { source: kept }) });
    requireApart(data);
    for (const trial of group) {
      requireRegistered(data, trial);
      requirePatches(data, trial);
      requireTargets(data, trial);
    }
    if (kept === null) sources?.keep(config, data.source);
  }
}

/** What may be left between the scans of a measured pair, HR pixels, where training mirrors and turns patches. */
const SYMMETRIC = 0.25;

/**
 * A measured pair that lies apart teaches a shift; mirrored patches teach the opposite one as well, and the model
 * learns the blur of both.
 * @throws {InputError} for symmetries of a pair whose residual is above a quarter of an HR pixel.
 */
function requireRegistered({ source: { residual = 0 } }: PreparedData, { config, group }: LacunaTrial): void {
  const isTurned = (isTrained(config.regime) || isOriented(config.regime)) && config.training.augment !== 'none';
  if (!isTurned || residual <= SYMMETRIC) return;
  throw new InputError({
    who: `${group}: training.augment`,
    got: `${config.training.augment} of measured pairs that lie ${residual.toFixed(2)} HR px apart`,
    wanted: `none above ${SYMMETRIC} HR px`,
    remedy: 'set data.align: true, or training.augment: none',
  });
}

/** Every training region must hold a patch; of unpaired training, every half. */
function requirePatches(data: PreparedData, { config, group }: LacunaTrial): void {
  const { regime, split } = config;
  if (!isTrained(regime)) return;
  const view = viewOf(config, data.dimensions);
  const factor = factorsInView(config, view);
  const patch = patchOf(config, view);
  const guard = guardOf(split);
  const halves = isUnpaired(regime)
    ? patchGroups(data, ['lr', 'hrUnpaired'], { factor, guard, view }).groups.flatMap(({ regions }) => regions)
    : [];
  const regions = [
    ...data.training.map(({ lr, region }) => ({ ...sizeOf(lr), name: region.box.image, least: patch })),
    ...halves.map(({ lrWidth, lrHeight, lrDepth = 1 }) => ({
      width: lrWidth,
      height: lrHeight,
      depth: lrDepth,
      name: 'a half of the training set',
      // Halves are cut of what the model sees.
      least: inView(patch, view),
    })),
  ];
  const small = regions.find(
    ({ width, height, depth, least }) => width < least.x || height < least.y || depth < least.z,
  );
  if (small)
    throw new InputError({
      who: `${group}: ${small.name}`,
      got: `a training region of ${describeShape({ ...small, channels: 1 })} LR px`,
      wanted: `at least training.patch ${describePatch(patch)}${patch.z === 1 ? ' a side' : ''}`,
      remedy: `${smallerPatch(patch)}, or use larger images`,
    });
}

/** Terms that learn from the true network need one in all that they see. */
function requireTargets(data: PreparedData, { config }: LacunaTrial): void {
  if (config.regime.kind !== 'geometry' || config.regime.targets !== 'truth') return;
  const view = viewOf(config, data.dimensions);
  data.training.flatMap((pair) => pairsFor(pair, view)).forEach(trueNetworkOf);
}

const sizeOf = ({ width, height, depth }: Image) => ({ width, height, depth });

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
    trials.map(({ config }) => {
      const { regime, degradation } = config;
      const { factor } = degradation;
      const dimensions = plannedDimensions(config);
      return [canonicalJson([regime, factor, dimensions]), { regime, factor, dimensions }];
    }),
  );
  for (const { regime, ...asked } of different.values()) {
    if (!isBaseline(regime)) continue;
    // Loaded here: sweeps without such methods do not depend on onnxruntime having a build for the machine.
    const { openBaseline } = await import('../../baseline/baseline.js');
    const baseline = await openBaseline(regime, { ...asked, baseDir: process.cwd(), threads: 1 });
    await baseline.dispose();
    const { parameters, macs720p } = baseline.cost;
    const gigaMacs = (macs720p / 1e9).toFixed(2);
    const cost = `${parameters.toLocaleString('en')} parameters, ${gigaMacs} GMACs at 720p`;
    console.log(`baseline   ${baseline.label}: ${cost}`);
  }
}
