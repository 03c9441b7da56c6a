import { drawEvidence, type EvidenceCell } from '../figures/index.js';
import { factorOf } from '../upscale/open-model.js';
import type { Evidence } from './evidence.js';
import { requireForward } from './forward.js';
import {
  backgroundOf,
  blankField,
  imagine,
  networkDensity,
  shuffled,
  type Imagined,
  type NetworkDensity,
  type NothingOptions,
} from './from-nothing.js';
import { linesOf, shownImage, shownNetwork } from './shown.js';
import type { Subject } from './subject.js';

/** What both kinds of input share. */
function optionsOf(subject: Subject, draws: string): NothingOptions {
  const { restorer, reading, network, model, rng } = subject;
  const { splits } = subject.options;
  const { spacing, unit } = network;
  return { restorer, reading, spacing, unit, factor: factorOf(model), rng: rng.fork(draws), draws: splits };
}

/** Blank field: what the model makes of noise on an even background. */
export async function blankEvidence(subject: Subject): Promise<Evidence> {
  const { lr, restored, read, model } = subject;
  const degradation = requireForward(subject.degradation, model);
  const brightness = backgroundOf(restored.image, read.mask);
  const options = optionsOf(subject, 'blank');
  const found = await imagine((rng) => blankField(lr, { degradation, brightness }, rng), options);
  return evidenceOf(subject, found, {
    name: 'blank',
    key: 'invented_from_nothing',
    input: `a blank field (brightness ${brightness.toFixed(3)}, noise of ${degradation.kind})`,
    heading: 'Blank field',
  });
}

/** Shuffled phases: what the model makes of the scan's spectrum without its structure. */
export async function shuffledEvidence(subject: Subject): Promise<Evidence> {
  const found = await imagine((rng) => shuffled(subject.lr, rng), optionsOf(subject, 'shuffled'));
  return evidenceOf(subject, found, {
    name: 'shuffled',
    key: 'invented_from_shuffled_phases',
    input: 'the scan with shuffled phases',
    heading: 'Shuffled phases',
  });
}

function evidenceOf(
  subject: Subject,
  { lr, restored, graph, density, interpolated }: Imagined,
  about: { readonly name: string; readonly key: string; readonly input: string; readonly heading: string },
): Evidence {
  const { network, read, model } = subject;
  const { splits } = subject.options;
  const own = networkDensity(network, read.mask, network);
  const { window } = shownNetwork(subject);
  const values = graph.branches.map(() => 0);
  const cells: EvidenceCell[] = [
    { ...shownImage(lr), heading: about.heading, note: 'as the model sees it', window },
    { ...shownImage(restored.image), heading: 'Enlarged', note: '', window },
    {
      ...shownImage(restored.image),
      heading: 'Invented network',
      note: densityText(density),
      window,
      lines: linesOf(graph, restored.image, values),
    },
  ];
  const ofInterpolation = interpolated === null ? '' : ` (bicubic interpolation: ${densityText(interpolated)})`;
  return {
    columns: [],
    lines: [
      `of ${about.input} the model makes ${densityText(density)} of network${ofInterpolation}; ` +
        `of the scan ${densityText(own)}`,
    ],
    facts: {
      [about.key]: density.value,
      interpolation: interpolated?.value ?? null,
      of_the_scan: own.value,
      unit: density.unit,
      draws: splits,
    },
    figures: [
      {
        name: about.name,
        svg: drawEvidence({
          title: `${about.heading}: what ${model.label} invents`,
          note:
            `${densityText(density)} of network, mean of ${splits} draws${ofInterpolation}; ` +
            `of the scan ${densityText(own)}`,
          cells,
        }),
      },
    ],
  };
}

const densityText = ({ value, unit }: NetworkDensity): string => `${Number(value.toPrecision(3))} ${unit}`;
