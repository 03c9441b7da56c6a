import { drawDoubtCurve } from '../../figures/index.js';
import type { Calibration } from './calibration.js';
import type { Evidence } from '../evidence.js';
import { requireForward } from '../forward.js';
import { splitIntoHalves } from '../halves.js';
import { binOf, calibrationCurve, judgeBranches, separationOf, type DoubtBin, type Separation } from '../judged.js';
import type { Subject } from '../subject.js';

/** The calibration curve: how often branches of so much doubt are false, where the truth is known. */
export async function calibrationEvidence(subject: Subject, calibration: Calibration): Promise<Evidence> {
  const { model, restorer, reading, network, tolerance, rng, lr } = subject;
  const { splits } = subject.options;
  const { cases, origin } = calibration;
  const degradation = requireForward(subject.degradation, model);
  const how = { restorer, degradation, reading, splits };
  const tolerancePx = tolerance / network.spacing.x;
  const branches = await judgeBranches(cases, { ...how, tolerancePx, rng: rng.fork('calibration') });
  const bins = calibrationCurve(branches);
  const wrong = branches.filter(({ isFalse }) => isFalse).length;
  const overall = branches.length === 0 ? 0 : wrong / branches.length;
  const separation = separationOf(branches);
  // The same halves as those of the part `halves`.
  const halves = await splitIntoHalves(lr, network, { ...how, tolerance, rng: rng.fork('halves') });
  const chance = halves.agreement.map((agreement) => binOf(bins, 1 - agreement).share);
  const images = `${cases.length} image${cases.length === 1 ? '' : 's'}`;
  const note = `${images} (${origin}), ${branches.length} branches, ${wrong} of them false`;
  return {
    columns: [
      { name: 'doubt', values: halves.agreement.map((agreement) => 1 - agreement) },
      { name: 'false_chance', values: chance },
    ],
    lines: [note, ...bins.filter(({ count }) => count > 0).map(binText), separationText(separation)],
    facts: {
      images: cases.length,
      origin,
      branches: branches.length,
      false_branches: wrong,
      auc_doubt: separation.doubt,
      auc_added_share: separation.added,
      auc_scan_share: separation.scan,
      auc_dimness: separation.dimness,
      ...Object.fromEntries(bins.flatMap(binFacts)),
    },
    figures: [
      {
        name: 'calibration',
        svg: drawDoubtCurve({
          title: `Are doubtful branches wrong? ${model.label}`,
          note: `${note}; ${separationText(separation)}`,
          bins: bins.map((bin) => ({ ...bin, label: rangeText(bin) })),
          overall,
        }),
      },
    ],
  };
}

const rangeText = ({ from, to }: DoubtBin): string => `${from} to ${to}`;

function binText({ share, low, high, wrong, count, ...range }: DoubtBin): string {
  const interval = `95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`;
  return `doubt ${rangeText(range as DoubtBin)}: ${wrong} of ${count} false, ${share!.toFixed(3)} (${interval})`;
}

function binFacts({ from, to, count, wrong }: DoubtBin): [string, number][] {
  return [
    [`branches_of_doubt_${from}_to_${to}`, count],
    [`false_of_doubt_${from}_to_${to}`, wrong],
  ];
}

const two = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

const separationText = ({ doubt, added, scan, dimness }: Separation): string =>
  `area under the ROC for false branches: doubt ${two(doubt)}, added ${two(added)}, little in the scan ${two(scan)}, ` +
  `dim ${two(dimness)}`;
