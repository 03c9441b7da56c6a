import { InputError } from '@lacuna/core';
import { describeFactor } from '@lacuna/datasets';
import { matchedShares } from '@lacuna/iqa';
import { drawEvidence, type EvidenceCell } from '../figures/index.js';
import { factorOf, type UpscaleModel } from '../upscale/open-model.js';
import type { Evidence } from './evidence.js';
import { GIVEN_FROM } from './halves.js';
import { readNetwork, type Restored } from './read-network.js';
import { openRestorer } from './restorer.js';
import { lengthMean } from './length-mean.js';
import { linesOf, shownImage, shownNetwork } from './shown.js';
import { readingOf, type Subject } from './subject.js';

/** What further models make of the scan, each read at its own level. */
interface Other {
  readonly label: string;
  readonly restored: Restored;
  /** By branch: share of it that the model gives. */
  readonly shares: readonly number[];
}

/** Seeds' spread: which branches other models of the same method give, and how much they differ in brightness. */
export async function seedsEvidence(subject: Subject): Promise<Evidence> {
  const { network, restored, others, model, name } = subject;
  if (others.length === 0)
    throw new InputError({
      who: '--uncertainty',
      got: `${model.label} alone`,
      wanted: 'at least one further model of its method',
      remedy: 'name some by comma: --uncertainty a.onnx,b.onnx',
    });
  const found: Other[] = [];
  for (const other of others) found.push(await restoreBy(other, subject));
  const count = others.length;
  const models = `${count} further model${count === 1 ? '' : 's'}`;
  const agreement = network.branches.map((_, i) => found.reduce((sum, { shares }) => sum + shares[i] / count, 0));
  const images = [restored.image, ...found.map((each) => each.restored.image)];
  const spread = network.branches.map(({ pixels }) => spreadOf(images.map(({ data }) => meanAlong(data, pixels))));
  const mean = lengthMean(network.branches, agreement);
  const alone = agreement.filter((share) => share < GIVEN_FROM).length;
  const shown = shownNetwork(subject);
  const cell = (heading: string, note: string): EvidenceCell => ({
    ...shown,
    heading,
    note,
    lines: linesOf(network, restored.image, agreement),
    ends: ['none', 'all'],
  });
  return {
    columns: [
      { name: 'seeds_agreement', values: agreement },
      { name: 'seeds_spread', values: spread },
    ],
    lines: [
      `${models} ${count === 1 ? 'gives' : 'give'} ${mean!.toFixed(2)} of ` +
        `the branches' length; ${alone} of ${network.branches.length} branches are given by less than half of them`,
    ],
    facts: {
      models: count + 1,
      seeds_agreement: mean,
      seeds_spread: lengthMean(network.branches, spread),
      branches_of_few_seeds: alone / network.branches.length,
    },
    figures: [
      {
        name: 'seeds',
        svg: drawEvidence({
          title: `Branches that other models give: ${name}, ${model.label}`,
          note: found.map(({ label }) => label).join('; '),
          cells: [
            { ...shown, heading: 'Enlarged', note: model.label },
            cell('Given by other models', `mean share over ${models}`),
            {
              ...shownImage(found[0].restored.image),
              heading: 'Another model',
              note: found[0].label,
              window: shown.window,
            },
          ],
        }),
      },
    ],
  };
}

async function restoreBy(other: UpscaleModel, subject: Subject): Promise<Other> {
  requireSameFactor(other, subject.model);
  const { lr, network, tolerance, options, affine } = subject;
  const restorer = await openRestorer(other, options);
  try {
    const restored = await restorer.restore(lr);
    const reading = readingOf(other, restored, { options, affine, readsHead: restorer.readsHead });
    const { skeleton } = readNetwork(restored.map, reading);
    const shares = matchedShares(network.branches, skeleton, { tolerance, spacing: network.spacing });
    return { label: other.label, restored, shares };
  } finally {
    await restorer.dispose();
  }
}

function requireSameFactor(other: UpscaleModel, own: UpscaleModel): void {
  const [theirs, ours] = [describeFactor(factorOf(other)), describeFactor(factorOf(own))];
  if (theirs === ours && other.run.channels === 1) return;
  throw new InputError({
    who: '--uncertainty',
    got: `${other.label} of factor ${theirs}, ${other.run.channels} channels`,
    wanted: `models of factor ${ours} and one channel, as ${own.label}`,
  });
}

function meanAlong(data: Float32Array, pixels: Int32Array): number {
  let sum = 0;
  for (const pixel of pixels) sum += data[pixel];
  return sum / pixels.length;
}

/** Sample standard deviation. */
function spreadOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
