import { matchedShares } from '@lacuna/iqa';
import { drawRiskCurve } from '../../figures/index.js';
import type { Calibration } from './calibration.js';
import type { CalibrationCase } from './calibration-cases.js';
import { conformalLevel, falseBranches, shareOf, type Counting, type RestoredCase } from './conformal.js';
import type { Evidence } from '../evidence.js';
import { GIVEN_FROM } from '../halves.js';
import { readNetwork, type Restorer } from '../read-network.js';
import type { Subject } from '../subject.js';

/** Conformal control: a level at which at most α of the reported branches are false, in expectation. */
export async function conformalEvidence(
  subject: Subject,
  { cases, origin }: Calibration,
  alpha: number,
  check: Calibration | null,
): Promise<Evidence> {
  const { restorer, reading, restored, network, tolerance, model } = subject;
  const { branches, spacing } = network;
  const { smoothing } = reading;
  const how: Counting = { smoothing, tolerancePx: tolerance / spacing.x };
  const maps = await restoreCases(cases, restorer);
  const n = cases.length;
  const found = conformalLevel(maps, alpha, how);
  if (found === null) {
    const none = `no level keeps the share of false branches at ${alpha} on n = ${n} images (${origin})`;
    return { columns: [], lines: [none], facts: { alpha, n, level: null }, figures: [] };
  }
  const { level, bound, tried } = found;
  const { skeleton } = readNetwork(restored.map, { level, smoothing });
  const shares = matchedShares(branches, skeleton, { tolerance, spacing });
  const kept = shares.filter((share) => share >= GIVEN_FROM).length;
  const held = check === null ? null : await holdTo(check, [level, reading.level], restorer, how);
  const above = `the branches above level ${Number(level.toPrecision(3))}`;
  const promise = `at most ${alpha} of ${above} are false, in expectation`;
  const note = `n = ${n} images (${origin}); bound for one more image ${bound.toFixed(3)}`;
  return {
    columns: [{ name: 'certified_share', values: shares }],
    lines: [
      `${promise}; ${note}`,
      `${kept} of ${branches.length} branches stand above it`,
      ...(held === null ? [] : heldLines(held, check!.origin)),
    ],
    facts: { alpha, n, level, bound, certified_branches: kept, ...(held === null ? {} : heldFacts(held)) },
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

async function restoreCases(cases: readonly CalibrationCase[], restorer: Restorer): Promise<RestoredCase[]> {
  const restored: RestoredCase[] = [];
  for (const { lr, reference } of cases) restored.push({ map: (await restorer.restore(lr)).map, reference });
  return restored;
}

/** What images that the level was not chosen by have at a level. */
interface Held {
  readonly level: number;
  readonly images: number;
  /** Mean over the images of the share of false branches: what the promise is about. */
  readonly meanShare: number;
  readonly count: number;
  readonly wrong: number;
}

/** @param levels the one of the promise, and the model's own. */
async function holdTo(
  { cases }: Calibration,
  levels: readonly [number, number],
  restorer: Restorer,
  how: Counting,
): Promise<Held[]> {
  const maps = await restoreCases(cases, restorer);
  return levels.map((level) => {
    const found = maps.map((each) => falseBranches(each, level, how));
    const images = found.length;
    const sumOf = (of: (each: (typeof found)[number]) => number) => found.reduce((sum, each) => sum + of(each), 0);
    return {
      level,
      images,
      meanShare: sumOf(shareOf) / images,
      count: sumOf(({ count }) => count),
      wrong: sumOf(({ wrong }) => wrong),
    };
  });
}

function heldLines([promised, own]: readonly Held[], origin: string): string[] {
  const textOf = ({ meanShare, wrong, count }: Held) => `${meanShare.toFixed(3)} (${wrong} of ${count} branches)`;
  return [
    `held to ${promised.images} other images (${origin}): mean share of false branches ${textOf(promised)}`,
    `at the level of the network, ${Number(own.level.toPrecision(3))}: ${textOf(own)}`,
  ];
}

function heldFacts([promised, own]: readonly Held[]): Record<string, number> {
  return {
    check_images: promised.images,
    check_false_share: promised.meanShare,
    check_branches: promised.count,
    check_false_branches: promised.wrong,
    check_false_share_at_own_level: own.meanShare,
    check_branches_at_own_level: own.count,
    check_false_branches_at_own_level: own.wrong,
  };
}
