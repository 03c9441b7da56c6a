import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cropImage, type Image } from '@lacuna/core';
import { pearson, trainingTargets, type Mask, type TrainingTargets } from '@lacuna/iqa';
import { HEADS_FILE, openEngine, predictHeads, type HeadMaps } from '@lacuna/models';
import { drawEvidence, type EvidenceCell, type ValuedLine } from '../../figures/index.js';
import { preferredEngine } from '../../machine/workers.js';
import { layout } from '../../sweep/results/results.js';
import type { Evidence } from '../evidence.js';
import { middleOf, type LookedAt } from '../looked-at.js';
import { shownImage } from '../shown.js';
import type { Subject } from '../subject.js';

/** Longest sides of the part of a scan that heads are asked about. */
const SIDES = { plane: 96, volume: 48 };
/** Nearness of a centreline from which a direction is drawn, and fine pixels from one to the next. */
const DRAWN_FROM = 0.3;
const STEP = 6;

type Found = Pick<Evidence, 'lines' | 'facts' | 'figures'>;

/** What the heads say that helped to train the model: a trial keeps them beside it. */
export async function headsEvidence(subject: Subject): Promise<Found> {
  const { trial, model, lr, read, restored, name } = subject;
  const none: Found = { lines: [], facts: {}, figures: [] };
  if (trial === null || model.slicing !== null) return none;
  const folder = layout.checkpoints(trial);
  const files = { model: join(folder, 'best.safetensors'), heads: join(folder, HEADS_FILE) };
  if (!existsSync(files.heads)) return none;
  const at = middleOf(lr, model, SIDES);
  const maps = await predictHeads(await openEngine({ prefer: preferredEngine() }), files, at.scan);
  const seen = cropImage(restored.image, at.fine);
  const mask = cutMask(read.mask, at.fine);
  const agreement = agreementOf(maps, mask, seen);
  return {
    lines: [agreementText(agreement, maps)],
    facts: {
      heads_distance_correlation: agreement.distance,
      heads_centreline_on: agreement.on,
      heads_centreline_off: agreement.off,
      heads_direction_degrees: agreement.degrees,
    },
    figures: [
      {
        name: 'heads',
        svg: drawEvidence({
          title: `What the heads of its training say: ${name}, ${model.label}`,
          note: agreementText(agreement, maps),
          cells: cellsOf(maps, seen, at),
        }),
      },
    ],
  };
}

function cutMask({ data, width, height }: Mask, box: LookedAt['fine']): Mask {
  const cut = new Uint8Array(box.width * box.height * box.depth);
  for (let z = 0; z < box.depth; z++) {
    for (let y = 0; y < box.height; y++) {
      const from = ((box.z + z) * height + box.y + y) * width + box.x;
      cut.set(data.subarray(from, from + box.width), (z * box.height + y) * box.width);
    }
  }
  return { data: cut, width: box.width, height: box.height, depth: box.depth };
}

/** How heads agree with the network that was read; null where there is nothing to compare. */
interface HeadAgreement {
  /** Pearson's correlation of the distance head with the distance to the background, in the network. */
  readonly distance: number | null;
  /** Mean of the centreline head on the centreline, and where no network is. */
  readonly on: number | null;
  readonly off: number | null;
  /** Mean angle between the direction head and the centreline, on the centreline. */
  readonly degrees: number | null;
}

function agreementOf(maps: HeadMaps, mask: Mask, { pixelSize }: Image): HeadAgreement {
  const targets = trainingTargets(mask, { pixelSize });
  const { skeleton } = targets;
  const inside = indicesOf(mask.data, (value) => value !== 0);
  const outside = indicesOf(mask.data, (value) => value === 0);
  const line = indicesOf(skeleton, (value) => value !== 0);
  const angles = line.map((i) => angleBetween(maps.direction, targets, i)).filter((angle) => angle !== null);
  const read = (values: Float32Array, at: readonly number[]) => at.map((i) => values[i]);
  return {
    distance: correlation(read(maps.distance, inside), read(targets.distance, inside)),
    on: mean(read(maps.centreline, line)),
    off: mean(read(maps.centreline, outside)),
    degrees: mean(angles),
  };
}

/** Null of constant values. */
function correlation(a: readonly number[], b: readonly number[]): number | null {
  if (a.length < 2) return null;
  const row = (values: readonly number[]) => ({
    data: Float32Array.from(values),
    width: values.length,
    height: 1,
    depth: 1,
    channels: 1,
  });
  return pearson(row(a), row(b));
}

function indicesOf(values: ArrayLike<number>, isWanted: (value: number) => boolean): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (isWanted(values[i])) found.push(i);
  return found;
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Degrees between the direction that a head gives and that of the network; null where either says none. */
function angleBetween(direction: HeadMaps['direction'], { orientation }: TrainingTargets, i: number): number | null {
  const n = orientation.length / direction.length;
  const own = direction.map((map) => map[i]);
  const wanted = direction.map((_, c) => orientation[c * n + i]);
  if (direction.length === 2) {
    const lengths = Math.hypot(...own) * Math.hypot(...wanted);
    if (!(lengths > 0)) return null;
    const cosine = (own[0] * wanted[0] + own[1] * wanted[1]) / lengths;
    return degreesOf(cosine) / 2;
  }
  // Of tensors d·dᵀ and e·eᵀ the product is (d·e)²; the head's has no unit trace.
  const trace = own[0] + own[1] + own[2];
  if (!(trace > 0) || !(wanted[0] + wanted[1] + wanted[2] > 0)) return null;
  const product = own.reduce((sum, value, c) => sum + (c < 3 ? 1 : 2) * value * wanted[c], 0);
  return degreesOf(Math.sqrt(Math.max(0, product / trace)));
}

const degreesOf = (cosine: number): number => (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;

function agreementText({ distance, on, off, degrees }: HeadAgreement, { direction }: HeadMaps): string {
  const chance = direction.length === 2 ? '45°' : '57°';
  const two = (value: number | null) => (value === null ? '–' : value.toFixed(2));
  return (
    `heads of the training: centreline ${two(on)} on the network's, ${two(off)} off it; distance correlates by ` +
    `${two(distance)}; direction within ${degrees === null ? '–' : Math.round(degrees)}° (by chance ${chance})`
  );
}

function cellsOf(maps: HeadMaps, seen: Image, { fine }: LookedAt): EvidenceCell[] {
  const shown = shownImage(seen);
  const map = (data: Float32Array) => ({ ...shownImage({ ...seen, data }), window: [0, 1] as const });
  return [
    { ...map(maps.distance), heading: 'Distance to the background', note: '0 to the longest of training' },
    { ...map(maps.centreline), heading: 'Centreline', note: '0 to 1' },
    {
      ...shown,
      heading: 'Direction',
      note: fine.depth > 1 ? 'as it lies in the plane' : 'where the head sees a centreline',
      lines: strokesOf(maps, fine),
      ends: ['unsure', 'sure'],
    },
  ];
}

/** Directions as strokes, one in a square of pixels: where the centreline head is highest along z. */
function strokesOf({ centreline, direction }: HeadMaps, { width, height, depth }: LookedAt['fine']): ValuedLine[] {
  const plane = width * height;
  const strokes: ValuedLine[] = [];
  for (let y = STEP >> 1; y < height; y += STEP) {
    for (let x = STEP >> 1; x < width; x += STEP) {
      let best = y * width + x;
      for (let z = 1; z < depth; z++)
        if (centreline[z * plane + y * width + x] > centreline[best]) best = z * plane + y * width + x;
      if (centreline[best] < DRAWN_FROM) continue;
      const [cosine, sine] = doubleAngle(direction, best);
      const length = Math.hypot(cosine, sine);
      const half = Math.atan2(sine, cosine) / 2;
      const [u, v] = [(Math.cos(half) * STEP) / 2, (Math.sin(half) * STEP) / 2];
      strokes.push({ points: [x + 0.5 - u, y + 0.5 - v, x + 0.5 + u, y + 0.5 + v], value: Math.min(1, length) });
    }
  }
  return strokes;
}

/** cos 2θ and sin 2θ of a direction in the plane, or of one in space as it lies in the plane. */
function doubleAngle(direction: HeadMaps['direction'], i: number): readonly [cosine: number, sine: number] {
  if (direction.length === 2) return [direction[0][i], direction[1][i]];
  const [xx, yy, , xy] = direction;
  return [xx[i] - yy[i], 2 * xy[i]];
}
