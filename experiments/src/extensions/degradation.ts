import type { PixelSize, Rng } from '@lacuna/core';
import {
  boxSampling,
  cubicSampling,
  factorsOf,
  pointSampling,
  type AxisSampling,
  type DegradationSpec,
  type Factors,
  type ForwardKernels,
  type OwnDegradation,
} from '@lacuna/datasets';
import { z } from 'zod';
import {
  callable,
  calling,
  callingInPlace,
  optionFields,
  ownOptions,
  parseEntry,
  requireDescribed,
  type EntryOf,
} from './entry.js';
import { ExtensionError } from './extension-error.js';

/** Kernels of coarse sampling along one axis, for degradations of extensions. */
export const samplings = { point: pointSampling, box: boxSampling, cubic: cubicSampling };

/** What a degradation of an extension is told of the images. */
interface DegradationContext {
  /** HR pixels of a coarse pixel along each axis. */
  readonly factor: Factors;
  /** Of the fine image, where it is known. */
  readonly pixelSize: PixelSize | null;
}

/** A degradation as an extension gives it. */
export interface DegradationEntry {
  /** Its fields in a spec besides `kind` and `factor`, each described. */
  readonly options: z.ZodRawShape;
  /** Its linear part: a kernel along each axis, whose stride is the factor; null where an axis stays as it is. */
  readonly kernels: (options: never, context: DegradationContext) => ForwardKernels;
  /** Changes a row of the coarse image in place: noise, saturation. `rng` is a stream of the row's own. */
  readonly row?: (row: Float32Array, options: never, rng: Rng) => void;
}

const entrySchema = z.strictObject({
  options: optionFields,
  kernels: callable<(options: object, context: DegradationContext) => unknown>(),
  row: callable<(row: Float32Array, options: object, rng: Rng) => unknown>().optional(),
});

/** Fields that every degradation has. */
const COMMON = ['kind', 'factor'];

/** A degradation that holds an extension's to what one gives. */
export function guardedDegradation(of: EntryOf, entry: unknown): OwnDegradation {
  const { options, kernels, row } = parseEntry(entrySchema, entry, of);
  requireDescribed(of, options, COMMON);
  return {
    options,
    kernels: (spec, pixelSize) => {
      const factor = factorsOf(spec as DegradationSpec);
      const made = calling(of, 'kernels', () => kernels(ownOptions(spec, options), { factor, pixelSize }));
      return requireKernels(of, made, factor);
    },
    row: row
      ? (values, spec, rng) => {
          callingInPlace(of, 'row', () => row(values, ownOptions(spec, options), rng));
          const wrong = values.find((value) => !Number.isFinite(value));
          if (wrong === undefined) return;
          const who = `${of.file}: row of ${of.name}`;
          throw new ExtensionError({ who, got: `${wrong} in a row`, wanted: 'finite intensities' });
        }
      : null,
  };
}

const samplingSchema = z.object({
  kernel: z.array(z.number()).min(1),
  offset: z.int(),
  stride: z.int().min(1),
  edge: z.enum(['repeat', 'mirror']),
});

function requireKernels(of: EntryOf, made: unknown, factor: Factors): ForwardKernels {
  const given = (made ?? {}) as Readonly<Record<string, unknown>>;
  const along = (axis: 'x' | 'y' | 'z'): AxisSampling | null => {
    // An axis that is left out stays as it is.
    if (given[axis] === null || given[axis] === undefined) return refuseStride(of, axis, 1, factor[axis]);
    const parsed = samplingSchema.safeParse(given[axis]);
    if (!parsed.success)
      throw new ExtensionError({
        who: `${of.file}: kernels of ${of.name}`,
        got: `${[axis, ...parsed.error.issues[0].path].map(String).join('.')} of another form`,
        wanted: '{ kernel: numbers, offset, stride, edge }',
        remedy: 'lacuna.samplings.point(sigma, factor.x) is one',
      });
    refuseStride(of, axis, parsed.data.stride, factor[axis]);
    return parsed.data;
  };
  const [x, y] = [along('x'), along('y')];
  return { x: x ?? pointSampling(0, 1), y: y ?? pointSampling(0, 1), z: along('z') };
}

function refuseStride({ file, name }: EntryOf, axis: string, stride: number, factor: number): null {
  if (stride === factor) return null;
  throw new ExtensionError({
    who: `${file}: kernels of ${name}`,
    got: `a stride of ${stride} along ${axis}`,
    wanted: `the factor, ${factor}`,
  });
}
