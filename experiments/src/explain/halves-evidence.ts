import { drawEvidence, type EvidenceCell } from '../figures/index.js';
import type { Evidence } from './evidence.js';
import { requireForward } from './forward.js';
import { GIVEN_FROM, splitIntoHalves } from './halves.js';
import { lengthMean } from './length-mean.js';
import { linesOf, shownImage, shownNetwork } from './shown.js';
import type { Subject } from './subject.js';

/** Photon thinning: which branches both halves of the light give. */
export async function halvesEvidence(subject: Subject): Promise<Evidence> {
  const { network, restored, lr, model, restorer, reading, tolerance, rng } = subject;
  const { splits } = subject.options;
  const often = `${splits} split${splits === 1 ? '' : 's'}`;
  const degradation = requireForward(subject.degradation, model);
  const how = { restorer, degradation, reading, tolerance, splits, rng: rng.fork('halves') };
  const { agreement, both, first } = await splitIntoHalves(lr, network, how);
  const doubtful = network.branches.filter((_, i) => agreement[i] < GIVEN_FROM);
  const doubtfulLength = doubtful.reduce((sum, { length }) => sum + length, 0);
  const length = network.branches.reduce((sum, branch) => sum + branch.length, 0);
  const mean = lengthMean(network.branches, agreement);
  const shown = shownNetwork(subject);
  const half = (k: number): EvidenceCell => ({
    ...shownImage(first[k]),
    heading: `${k === 0 ? 'One half' : 'The other half'} of the light`,
    note: 'enlarged',
    window: shown.window,
  });
  return {
    columns: [
      { name: 'halves_agreement', values: agreement },
      { name: 'halves_both', values: both },
    ],
    lines: [
      `halves of the light (${often}) give ${mean!.toFixed(2)} of the branches' length; ` +
        `${doubtful.length} of ${network.branches.length} branches are doubtful ` +
        `(${percent(doubtfulLength / length)} of the length): halves give less than half of them`,
    ],
    facts: {
      splits,
      halves_agreement: mean,
      doubtful_branches: doubtful.length / network.branches.length,
      doubtful_length: doubtfulLength / length,
    },
    figures: [
      {
        name: 'halves',
        svg: drawEvidence({
          title: `Halves of the light: ${subject.name}, ${model.label}`,
          note: `${noiseText(degradation)}; each half has twice the noise; ${often}`,
          cells: [
            {
              ...shown,
              heading: 'Given by halves',
              note: `mean share over ${2 * splits} halves`,
              lines: linesOf(network, restored.image, agreement),
              ends: ['none', 'all'],
            },
            half(0),
            half(1),
          ],
        }),
      },
    ],
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

function noiseText(degradation: NonNullable<Subject['degradation']>): string {
  if (degradation.kind !== 'confocal') return `${degradation.kind}, noise split in two`;
  return degradation.photons === null ? 'read noise split in two' : `${degradation.photons} photons at full intensity`;
}
