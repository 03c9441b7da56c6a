import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from '@lacuna/core';
import { byAxis, describeFactor, normalise, readImage } from '@lacuna/datasets';
import { createMask, smooth, threshold } from '@lacuna/iqa';
import {
  networkMarks,
  panelFromImages,
  volumeFromImages,
  type CropRule,
  type PanelData,
  type TestImages,
  type VolumeData,
} from '../../figures/index.js';
import type { Comparison } from '../results/comparison.js';
import { GIVEN } from '../../trial/sr-images.js';
import { withBranchEvidence } from '../results/branch-evidence.js';
import { headlinesOf } from '../results/comparisons.js';
import { methodOrder } from '../spec/method-order.js';
import { layout, type Scale, type TrialResult } from '../results/results.js';

/** What is shown of the test split: the panel, and of volumes their own figure. */
interface TestPictures {
  readonly panel: PanelData;
  readonly volume: VolumeData | null;
}

/** Pictures of the first seed of which methods have finished; null where no images were kept. */
export async function testPictures(
  comparison: Comparison,
  folder: string,
  rule: CropRule,
): Promise<TestPictures | null> {
  const { results } = comparison;
  const seed = results.find((result) => result.status === 'finished')?.seed;
  const chosen = methodOrder(comparison).flatMap((method) => {
    const found = results.find((each) => each.method === method && each.seed === seed && each.status === 'finished');
    return found ?? [];
  });
  if (chosen.length === 0) return null;
  // keep.images: none
  if (!chosen.every(({ id }) => existsSync(imagePath(folder, id, 'sr')))) return null;
  const scale = JSON.parse(readFileSync(layout.scale(layout.trial(folder, chosen[0].id)), 'utf8')) as Scale;
  const images = await readTestImages(chosen, folder, scale);
  const { evaluation, degradation } = comparison.trials[0].config;
  const segment = (image: Image) => threshold(smooth(image, evaluation.smoothing), scale.level);
  const compared = networkMarks(images, { tolerance: evaluation.tolerance, segment });
  const given = await readGiven(chosen, folder);
  const isMeasuredAsked = evaluation.evidence?.includes('measured_share') ?? false;
  const isKnown = isMeasuredAsked && chosen.every(({ test }) => typeof test.values['measured_share'] === 'number');
  const marked = {
    ...compared,
    branches: compared.branches.map((branches, i) => {
      const { image: sr } = images.sr[i];
      const scan = isKnown ? { lr: images.lr, degradation } : null;
      return withBranchEvidence(branches, { sr, mask: segment(sr), given: given[i], scan });
    }),
  };
  const title = `${comparison.title}, test split, seed ${seed}`;
  const panel = panelFromImages(images, marked, results, {
    title,
    rule,
    factor: byAxis(degradation.factor).x,
    metrics: headlinesOf(comparison),
  });
  const isVolume = images.hr.depth > 1;
  const factor = describeFactor(degradation.factor);
  return { panel, volume: isVolume ? volumeFromImages(images, marked, { title, factor }) : null };
}

const imagePath = (folder: string, id: string, name: string): string =>
  join(layout.images(layout.trial(folder, id)), `${name}.tif`);

/** Images of one specimen as the trials left them, normalised. */
async function readTestImages(
  chosen: readonly TrialResult[],
  folder: string,
  { normalisation }: Scale,
): Promise<TestImages> {
  const read = async (id: string, name: string): Promise<Image> =>
    normalise(await readImage(imagePath(folder, id, name)), normalisation, { clip: true });
  const [{ id }] = chosen;
  const sr: TestImages['sr'][number][] = [];
  for (const result of chosen) sr.push({ method: result.method, image: await read(result.id, 'sr') });
  return {
    hr: await read(id, 'hr'),
    lr: await read(id, 'lr'),
    sr,
    truth: await readTruth(imagePath(folder, id, 'truth')),
  };
}

/** Which pixels halves of the light give, by method; null of methods whose spec did not ask. */
async function readGiven(chosen: readonly TrialResult[], folder: string): Promise<(Image | null)[]> {
  const maps: (Image | null)[] = [];
  for (const { id } of chosen) {
    const path = imagePath(folder, id, GIVEN);
    const levels = existsSync(path) ? await readImage(path) : null;
    maps.push(levels && { ...levels, data: levels.data.map((level) => level / 255) });
  }
  return maps;
}

/** The true network that a trial left; null where the data know none. */
async function readTruth(path: string): Promise<TestImages['truth']> {
  if (!existsSync(path)) return null;
  const { data, width, height, depth } = await readImage(path);
  const skeleton = data.map((value) => (value === 2 ? 1 : 0));
  return { mask: createMask(data, width, height, depth), skeleton: createMask(skeleton, width, height, depth) };
}
