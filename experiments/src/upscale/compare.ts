import { existsSync, readFileSync } from 'node:fs';
import { ShapeError, describeShape, mapImage, type Image } from '@lacuna/core';
import { byAxis, describeFactor, enlarge, readImage, type Factor } from '@lacuna/datasets';
import { evaluate, evaluationSpec, otsuThreshold, smooth, type EvaluationSpec, type MetricName } from '@lacuna/iqa';
import { renderTable } from '@lacuna/sweep';
import { scoreName, shownMetrics } from '../trial/scores/scores.js';
import { contentDigest } from './content-digest.js';
import type { Affine } from './levels.js';

/** Scores of an enlarged image and of interpolation, by metric; null where a metric has no value. */
export interface Comparison {
  readonly reference: string;
  /** SHA-256 of the fine image. */
  readonly referenceDigest: string;
  /** The key that the enlarged file bears: whose scores these are. */
  readonly result: string;
  readonly protocol: string;
  readonly sr: Readonly<Record<string, number | null>>;
  readonly bicubic: Readonly<Record<string, number | null>>;
}

/**
 * Measures an enlarged file, and bicubic interpolation of the same input, against a fine image: normalised by the
 * levels that the model was given; the network's level is the model's own where it knows one, else Otsu's threshold of
 * the fine image. Scores of channels, and of planes where the model takes planes, are means.
 * @throws {ShapeError} where the fine image is not `factor` times as large.
 */
export async function compareWith(
  reference: string,
  files: { input: string; output: string },
  how: {
    levels: readonly Affine[];
    channel: number | null;
    factor: Factor;
    /** Volumes are measured as such, in the unit of their voxels; else plane by plane. */
    volumes: boolean;
    evaluation: EvaluationSpec | null;
    level: number | null;
    result: string;
  },
): Promise<Comparison> {
  const hr = await readImage(reference);
  const lr = await readImage(files.input);
  const sr = await readImage(files.output);
  const { factor, channel, volumes } = how;
  requireSize(hr, lr, factor);
  const evaluation = how.evaluation ?? evaluationSpec.parse({});
  const metrics = evaluation.metrics.filter((name) => name !== 'lr_consistency');
  const sums = { sr: new Map<string, number[]>(), bicubic: new Map<string, number[]>() };
  let protocol = '';
  for (let z = 0; z < (volumes ? 1 : hr.depth); z++) {
    const cut = (image: Image, c: number, level: Affine) => oneChannel(image, volumes ? null : z, c, level);
    for (const [k, c] of (channel === null ? Array.from({ length: sr.channels }, (_, i) => i) : [channel]).entries()) {
      const level = how.levels[c];
      const fine = cut(hr, Math.min(c, hr.channels - 1), level);
      const threshold =
        typeof evaluation.threshold === 'number'
          ? evaluation.threshold
          : (how.level ?? otsuThreshold(smooth(fine, evaluation.smoothing)));
      const estimates = {
        sr: cut(sr, channel === null ? c : k, level),
        bicubic: clipped(enlarge(cut(lr, c, level), factor, 'bicubic')),
      };
      for (const name of ['sr', 'bicubic'] as const) {
        const found = evaluate(fine, estimates[name], {
          ...evaluation,
          metrics,
          dataRange: 1,
          threshold,
          // Lengths of planes are in px; voxels may have another length along z.
          pixelSize: volumes ? hr.pixelSize : null,
        });
        protocol = found.protocol;
        for (const metric of metrics)
          collect(sums[name], metric, found.values[metric] ?? null, found.referenceValues[metric] ?? null);
      }
    }
  }
  const means = (lists: ReadonlyMap<string, number[]>) =>
    Object.fromEntries(metrics.map((name) => [scoreName(name), meanOf(lists.get(scoreName(name)) ?? [])]));
  const referenceDigest = await contentDigest(reference);
  return { reference, referenceDigest, result: how.result, protocol, sr: means(sums.sr), bicubic: means(sums.bicubic) };
}

/** The scores that lie at `path`, if they are those of this result against this fine image as it is now; else null. */
export async function earlierComparison(path: string, reference: string, result: string): Promise<Comparison | null> {
  if (!existsSync(path)) return null;
  try {
    const found = JSON.parse(readFileSync(path, 'utf8')) as Partial<Comparison> | null;
    if (!found || found.result !== result || !found.sr || !found.bicubic) return null;
    return found.referenceDigest === (await contentDigest(reference)) ? (found as Comparison) : null;
  } catch {
    return null;
  }
}

/** @throws {ShapeError} with both sizes. */
export function requireSize(
  hr: Pick<Image, 'width' | 'height' | 'depth' | 'channels' | 'name'>,
  lr: Pick<Image, 'width' | 'height' | 'depth' | 'channels' | 'name'>,
  factor: Factor,
): void {
  const { x, y, z } = byAxis(factor);
  const wanted = { width: lr.width * x, height: lr.height * y, depth: lr.depth * z, channels: lr.channels };
  if (
    hr.width !== wanted.width ||
    hr.height !== wanted.height ||
    hr.depth !== wanted.depth ||
    (hr.channels !== wanted.channels && hr.channels !== 1)
  ) {
    throw new ShapeError({
      who: '--compare',
      got: `${hr.name} of ${describeShape(hr)}`,
      wanted: `${describeShape(wanted)}, ${describeFactor(factor)} times ${lr.name}`,
    });
  }
}

function collect(
  lists: Map<string, number[]>,
  metric: MetricName,
  value: number | null,
  reference: number | null,
): void {
  const name = scoreName(metric);
  const score = name === metric ? value : distance(value, reference);
  if (score !== null && Number.isFinite(score)) lists.set(name, [...(lists.get(name) ?? []), score]);
}

const distance = (value: number | null, reference: number | null): number | null =>
  value === null || reference === null ? null : Math.abs(value - reference);

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** One channel of one plane, or of all of them, in [0, 1]. */
function oneChannel(image: Image, z: number | null, c: number, { scale, offset }: Affine): Image {
  const depth = z === null ? image.depth : 1;
  const count = image.width * image.height;
  const data = new Float32Array(count * depth);
  const start = (z ?? 0) * count * image.channels;
  for (let i = 0; i < data.length; i++) data[i] = image.data[start + i * image.channels + c] * scale + offset;
  return clipped({ ...image, data, depth, channels: 1, dataRange: [0, 1] });
}

const clipped = (image: Image): Image => mapImage(image, [0, 1], (value) => Math.min(1, Math.max(0, value)));

/** The scores side by side, as the command prints them. */
export function comparisonTable(comparison: Comparison, evaluation: EvaluationSpec | null): string {
  const shown = shownMetrics(evaluation ?? evaluationSpec.parse({})).filter(({ metric }) => metric in comparison.sr);
  const text = (value: number | null | undefined, digits: number) =>
    value === null || value === undefined ? '–' : value.toFixed(digits);
  const pair = (metric: string) => ({ sr: comparison.sr[metric] ?? null, bicubic: comparison.bicubic[metric] ?? null });
  return renderTable(shown, [
    { title: 'metric', align: 'left', text: ({ name, unit }) => (unit === undefined ? name : `${name} (${unit})`) },
    { title: 'model', text: ({ metric, digits }) => text(pair(metric).sr, digits) },
    { title: 'bicubic', text: ({ metric, digits }) => text(pair(metric).bicubic, digits) },
    { title: 'better', align: 'left', text: ({ better }) => better },
  ]);
}
