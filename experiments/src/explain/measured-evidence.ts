import { drawEvidence, type EvidenceCell } from '../figures/index.js';
import type { Evidence } from './evidence.js';
import { requireForward } from './forward.js';
import { measuredParts, measuredShares } from './measured.js';
import { lengthMean } from './length-mean.js';
import { linesOf, shownNetwork } from './shown.js';
import type { Subject } from './subject.js';

/** Share of its contrast below which a branch was mostly added. */
const MOSTLY = 0.5;

/** Evidence by branch: what the scan determines of it, and what the model added. */
export function measuredEvidence(subject: Subject): Evidence {
  const { network, read, restored, lr, model } = subject;
  const degradation = requireForward(subject.degradation, model);
  const parts = measuredParts(restored.image, lr, degradation);
  const shares = measuredShares(network, read.mask, restored.image, parts);
  const measured = shares.map((share) => share.measured);
  const scanned = shares.map((share) => share.scanned);
  const added = measured.map((share) => (share === null ? null : 1 - share));
  const mean = lengthMean(network.branches, measured);
  const inScan = lengthMean(network.branches, scanned);
  const few = network.branches.filter((_, i) => scanned[i] !== null && scanned[i] < MOSTLY * (measured[i] ?? 0));
  const shown = shownNetwork(subject);
  const cell = (heading: string, note: string, values: readonly (number | null)[]): EvidenceCell => ({
    heading,
    note,
    ...shown,
    lines: linesOf(network, restored.image, values),
    ends: ['added', 'measured'],
  });
  return {
    columns: [
      { name: 'measured_share', values: measured },
      { name: 'added_share', values: added },
      { name: 'scan_share', values: scanned },
    ],
    lines: [
      `measured share ${text(mean)} of the branches' contrast (by length); the rest was added by the model`,
      `the scan itself shows ${text(inScan)}; ${few.length} of ${network.branches.length} branches less than half of ` +
        'what they should leave in it',
    ],
    facts: { measured_share: mean, scan_share: inScan, nu: parts.nu },
    figures: [
      {
        name: 'measured',
        svg: drawEvidence({
          title: `Measured and added: ${subject.name}, ${model.label}`,
          note: `${degradation.kind} forward model, ν = ${Number(parts.nu.toPrecision(2))}`,
          cells: [
            { heading: 'Enlarged', note: '', ...shown },
            cell('Measured share', 'of the contrast that the forward model can see', measured),
            cell('Shown by the scan', 'of the contrast, as the scan itself has it', scanned),
          ],
        }),
      },
    ],
  };
}

const text = (share: number | null): string => (share === null ? '–' : share.toFixed(2));
