import { basename } from 'node:path';
import { InputError, describeShape, type Image } from '@lacuna/core';
import { alignPair, describeAlignments } from '../align/align-pair.js';
import type { Alignment } from '../align/estimate.js';
import { alignLimits, type AlignField } from '../align/spec.js';
import {
  LEAST_DEPTH,
  alignVolumes,
  describeResidual,
  describeVolumeAlignments,
  measureVolumes,
} from '../align/volume/align-volume.js';
import type { VolumeAlignment } from '../align/volume/estimate-volume.js';
import type { RegistrationStore } from '../align/volume/registrations.js';

/** Whom to tell, and where registrations of volumes are kept. */
export interface PairOptions {
  readonly onProgress?: ((text: string) => void) | undefined;
  readonly registrations?: RegistrationStore;
}

/** How far a pair lies apart: LR pixels. */
export interface PairDistance {
  /** Length of the shift over all axes. */
  readonly shift: number;
  /** What is left after alignment: the median over places. */
  readonly residual: number;
}

/** Measured pairs, each checked and, where asked for, aligned. */
export class MeasuredPairs {
  readonly #limits: ReturnType<typeof alignLimits>;
  readonly #planes: Alignment[] = [];
  readonly #volumes: VolumeAlignment[] = [];
  readonly #onProgress: ((text: string) => void) | undefined;
  readonly #registrations: RegistrationStore | undefined;
  #residual = 0;

  constructor(align: AlignField, { onProgress, registrations }: PairOptions) {
    this.#limits = alignLimits(align);
    this.#onProgress = onProgress;
    this.#registrations = registrations;
  }

  /** @throws {InputError} for a pair whose sizes do not fit, or that lies too far apart to be aligned. */
  take(hr: Image, lr: Image): { hr: Image; lr: Image } {
    checkPair(hr, lr);
    const isVolume = lr.depth >= LEAST_DEPTH;
    if (!this.#limits) {
      if (isVolume) this.#seen(measureVolumes(lr, hr, this.#registrations));
      return { hr, lr };
    }
    if (!isVolume) {
      requirePlanes(hr, lr);
      const pair = alignPair(lr, hr, this.#limits);
      this.#planes.push(pair.alignment);
      this.#residual = Math.max(this.#residual, (pair.alignment.residual * pair.hr.width) / pair.lr.width);
      this.#onProgress?.(`${hr.name} ${describeAlignments([pair.alignment])}`);
      return pair;
    }
    const pair = alignVolumes(lr, hr, this.#limits, this.#registrations);
    this.#seen(pair.alignment);
    this.#onProgress?.(`${hr.name} ${describeVolumeAlignments([pair.alignment])}`);
    return pair;
  }

  #seen(alignment: VolumeAlignment | null): void {
    if (!alignment) return;
    this.#volumes.push(alignment);
    this.#residual = Math.max(this.#residual, alignment.residualHr);
  }

  /** How far each registered pair lies apart, planes before volumes. */
  distances(): PairDistance[] {
    return [
      ...this.#planes.map(({ transform, residual }) => ({
        shift: Math.hypot(transform.shiftX, transform.shiftY),
        residual,
      })),
      ...this.#volumes.map(({ transform: { shift }, residual }) => ({
        shift: Math.hypot(shift.x, shift.y, shift.z),
        residual,
      })),
    ];
  }

  /** How far places of a pair lie apart at most, in HR pixels; nothing where nobody has looked. */
  residual(): { residual: number } | Record<string, never> {
    return this.#planes.length + this.#volumes.length > 0 ? { residual: this.#residual } : {};
  }

  /** For the description. */
  summary(): string {
    const texts = [
      ...(this.#planes.length > 0 ? [describeAlignments(this.#planes)] : []),
      ...(this.#volumes.length > 0
        ? [
            this.#limits
              ? describeVolumeAlignments(this.#volumes)
              : `not registered: ${describeResidual(this.#volumes)}`,
          ]
        : []),
    ];
    return texts.map((text) => `; ${text}`).join('');
  }
}

/** @throws {InputError} for a pair of other numbers of time points. */
export function requireSameFrames(path: string, hr: number, lr: number): void {
  if (hr === lr) return;
  throw new InputError({
    who: `pair ${basename(path)}`,
    got: `${hr} and ${lr} time points`,
    wanted: 'as many in the fine file as in the coarse one',
    remedy: 'name one: data.time: 0',
  });
}

/** @throws {InputError} for HR sizes that are no whole multiples of LR sizes: one for planes, by axis for volumes. */
export function checkPair(hr: Image, lr: Image): void {
  const factors = [hr.width / lr.width, hr.height / lr.height, hr.depth / lr.depth];
  const isVolume = hr.depth > 1;
  const isWhole = factors.every((factor) => Number.isInteger(factor)) && factors.some((factor) => factor >= 2);
  if (isWhole && (isVolume || factors[0] === factors[1])) return;
  const [x, y, z] = factors.map((factor) => Math.max(isVolume ? 1 : 2, Math.floor(factor)));
  const fit = isVolume
    ? `${lr.width * x} x ${lr.height * y} x ${lr.depth * z}`
    : `${lr.width * Math.min(x, y)} x ${lr.height * Math.min(x, y)}`;
  throw new InputError({
    who: `pair ${hr.name}`,
    got: `HR of ${describeShape(hr)} and LR of ${describeShape(lr)}`,
    wanted: isVolume
      ? 'HR sizes that are whole multiples of the LR sizes along each axis, 2 or more along one'
      : 'HR sizes that are one whole multiple (2 or more) of the LR sizes',
    remedy: `crop both to the same field, for example HR to ${fit}`,
  });
}

/** @throws {InputError} for a stack too thin to be registered along z that has another spacing of planes. */
function requirePlanes(hr: Image, lr: Image): void {
  if (hr.depth === lr.depth) return;
  throw new InputError({
    who: `alignment of ${lr.name}`,
    got: `${lr.depth} planes and ${hr.depth} of the fine volume`,
    wanted: `at least ${LEAST_DEPTH} planes of the coarse one, to register along z`,
    remedy: 'leave out data.align, or use a thicker volume',
  });
}
