import { matchedShares } from '@lacuna/iqa';
import { drawRiskCurve } from '../figures/index.js';
import type { Calibration } from './calibration.js';
import { conformalLevel, type RestoredCase } from './conformal.js';
import type { Evidence } from './evidence.js';
import { GIVEN_FROM } from './halves.js';
import { readNetwork } from './read-network.js';
import type { Subject } from './subject.js';

/** Conformal control: a level at which at most α of the reported branches are false, in expectation. */
export async function conformalEvidence(
  subject: Subject,
  { cases, origin }: Calibration,
  alpha: number,
): Promise<Evidence> {
  const { restorer, reading, restored, network, tolerance, model } = subject;
  const { branches, spacing } = network;
  const { smoothing } = reading;
  const maps: RestoredCase[] = [];
  for (const { lr, reference } of cases) maps.push({ map: (await restorer.restore(lr)).map, reference });
  const n = cases.length;
  const found = conformalLevel(maps, alpha, { smoothing, tolerancePx: tolerance / spacing.x });
  if (found === null) {
    const none = `no level keeps the share of false branches at ${alpha} on n = ${n} images (${origin})`;
    return { columns: [], lines: [none], facts: { alpha, n, level: null }, figures: [] };
  }
  const { level, bound, tried } = found;
  const { skeleton } = readNetwork(restored.map, { level, smoothing });
  const shares = matchedShares(branches, skeleton, { tolerance, spacing });
  const kept = shares.filter((share) => share >= GIVEN_FROM).length;
  const above = `the branches above level ${Number(level.toPrecision(3))}`;
  const promise = `at most ${alpha} of ${above} are false, in expectation`;
  const note = `n = ${n} images (${origin}); bound for one more image ${bound.toFixed(3)}`;
  return {
    columns: [{ name: 'certified_share', values: shares }],
    lines: [`${promise}; ${note}`, `${kept} of ${branches.length} branches stand above it`],
    facts: { alpha, n, level, bound, certified_branches: kept },
    figures: [
      {
        name: 'conformal',
        svg: drawRiskCurve({
          title: `A level for at most ${alpha} false branches: ${model.label}`,
          note: `${promise}; ${note}`,
          alpha,
          level,
          points: tried,
        }),
      },
    ],
  };
}
