import { canonicalJson } from '@lacuna/sweep';
import type { TrialSpec } from '../../sweep/spec/spec.js';
import { sourceKey } from './kept-sources.js';
import type { PreparedData } from './prepare.js';

let kept: { readonly key: string; readonly data: PreparedData } | null = null;

/**
 * Prepared data of the trial before in this process, where this one has the same: methods and seeds of one spec do.
 * Whoever reads them leaves them as they are.
 */
export async function keptData(
  spec: TrialSpec,
  baseDir: string,
  prepare: () => Promise<PreparedData>,
): Promise<PreparedData> {
  const key = keyOf(spec, baseDir);
  if (kept?.key === key) return kept.data;
  // Before the next ones are made: memory has to hold one of them alone.
  kept = null;
  const data = await prepare();
  kept = { key, data };
  return data;
}

/** What {@link PreparedData} is made of. */
function keyOf(spec: TrialSpec, baseDir: string): string {
  const { dimensions, slicewise, degradation, split, normalise, evaluation } = spec;
  return canonicalJson({
    source: sourceKey(spec, baseDir),
    dimensions,
    slicewise,
    degradation,
    split,
    normalise,
    evaluation,
  });
}
