import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  GENERATOR,
  bankOf,
  edgeNames,
  factorOf,
  orientedOptions,
  parseModelMetadata,
  readTensorFile,
  type TensorFile,
} from '@lacuna/models';
import type { DrawnFilter, FilterBankData } from '../../figures/types.js';
import type { Comparison } from '../results/comparison.js';
import { isOriented, isTrained } from '../spec/method.js';
import { layout } from '../results/results.js';
import type { TrialSpec } from '../spec/spec.js';

/** The filters of every method that is a bank of them, of its first seed whose model lies in the folder. */
export function filterBanksOf({ results, trials, title }: Comparison, folder: string): FilterBankData[] {
  const shown = new Set<string>();
  const banks = new Set(trials.filter(({ config }) => isBank(config)).map(({ id }) => id));
  return results.flatMap(({ id, method, status }) => {
    if (status !== 'finished' || shown.has(method) || !banks.has(id)) return [];
    const path = join(layout.checkpoints(layout.trial(folder, id)), 'best.safetensors');
    if (!existsSync(path)) return [];
    const bank = readBank(path, `${title}, ${method}`);
    if (bank === null) return [];
    shown.add(method);
    return [bank];
  });
}

const isBank = ({ regime, model }: TrialSpec): boolean =>
  isOriented(regime) || (isTrained(regime) && model.name === 'oriented');

/** The bank that a model file holds; null for a model of another kind. */
function readBank(path: string, title: string): FilterBankData | null {
  const { tensors, metadata } = readTensorFile(path);
  const { model, factor } = parseModelMetadata(path, metadata);
  if (model.name !== 'oriented') return null;
  const factors = factorOf(factor);
  const { name: _, ...options } = model;
  const { kernel, directions } = bankOf(orientedOptions.parse(options), factors.length);
  const edges = (name: string) => [...(tensors[`${GENERATOR}.${name}`]?.values ?? [])];
  return {
    title,
    directions,
    coherences: edges(edgeNames.coherence),
    strengths: edges(edgeNames.strength),
    filters: responsesOf(tensors[`${GENERATOR}.filter.weight`], kernel, factors),
  };
}

/**
 * What an LR pixel of 1 among pixels of 0 becomes by each filter: the filter's taps, turned about, with the phases of
 * each between them. Of volumes the plane through the middle.
 * @param weight [taps.., 1, phases · buckets]
 */
function responsesOf(
  { shape, values }: TensorFile['tensors'][string],
  kernel: number,
  factors: readonly number[],
): DrawnFilter[] {
  const [fy, fx] = factors.slice(-2);
  const fz = factors.length === 3 ? factors[0] : 1;
  const outputs = shape.at(-1)!;
  const buckets = outputs / (fx * fy * fz);
  const width = kernel * fx;
  const height = kernel * fy;
  // The middle tap along z, and the phase in the middle.
  const slab = factors.length === 3 ? ((kernel - 1) / 2) * kernel ** 2 : 0;
  const level = Math.floor(fz / 2) * fx * fy;
  return Array.from({ length: buckets }, (_, bucket) => ({
    response: {
      width,
      height,
      data: Float32Array.from({ length: width * height }, (__, i) => {
        const [x, y] = [i % width, Math.floor(i / width)];
        const tap = slab + (kernel - 1 - Math.floor(y / fy)) * kernel + (kernel - 1 - Math.floor(x / fx));
        const phase = level + (y % fy) * fx + (x % fx);
        return values[tap * outputs + phase * buckets + bucket];
      }),
    },
  }));
}
