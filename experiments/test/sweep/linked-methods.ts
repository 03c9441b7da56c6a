import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import { describeModel, generatorShapes, modelSpec, writeTensorFile, type PerAxis } from '@lacuna/models';
import { planSweep, type LacunaSweep } from '../../src/sweep/plan/plan.js';

/** The model of methods that say nothing else. */
export const model = { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' } as const;

let folder: string;
/** A path in the folder of the test that runs. */
export const at = (...parts: string[]): string => join(folder, ...parts);

/** Gives each test of a file a folder and a cache of its own. */
export function useFolders(prefix: string): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), prefix));
    process.env['XDG_CACHE_HOME'] = at('cache');
  });
}

/** The plan of a small sweep of methods that take weights of one another, or of files. */
export function plan(methods: string, sets: readonly string[] = []): LacunaSweep {
  writeFileSync(
    at('s.yaml'),
    `name: tiny
data: { source: dentin, width: 64, height: 64 }
degradation: { kind: bicubic, factor: 4 }
training: { patch: 8, steps: 4 }
model: ${JSON.stringify(model)}
regime: { kind: paired }
methods: ${methods}
seeds: [0, 1]
`,
  );
  return planSweep(at('s.yaml'), { sets, baseDir: process.cwd() });
}

export const idOf = ({ trials }: LacunaSweep, method: string): string | undefined =>
  trials.find((each) => each.method === method)?.id;

/** How a written model differs. */
interface WrittenModel {
  readonly spec?: object;
  readonly factor?: PerAxis;
  /** Of every weight. */
  readonly value?: number;
  /** Planes that it sees. */
  readonly planes?: number;
}

/** Writes a model as training does. */
export function writeModel(path: string, options: WrittenModel = {}): void {
  const { spec = model, factor = 4, value = 0.5, planes } = options;
  const parsed = modelSpec.parse(spec);
  const shapes = generatorShapes(parsed, { factor, channels: 1, ...(planes === undefined ? {} : { planes }) });
  const tensors = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { shape, values: new Float32Array(shape.reduce((size, length) => size * length, 1)).fill(value) },
    ]),
  );
  const slicing = planes === undefined ? {} : { slicing: { axis: 'z', neighbours: (planes - 1) / 2, between: null } };
  const metadata = describeModel({ model: parsed, factor, channels: 1, ...(slicing as object) });
  writeTensorFile(path, { tensors, metadata });
}
