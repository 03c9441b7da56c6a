import { architectures, modelCost, type ModelCost, type ModelSpec } from '@lacuna/models';
import { formatLength } from '@lacuna/core';
import type { OnnxMetadata } from '@lacuna/onnx';
import type { TrialResult } from '../sweep/results/results.js';
import { sourceLink } from './citation.js';
import { enlargement } from './rdf.js';
import { spatialAxes, type SpatialAxis } from './spatial-axes.js';

/** What the README of a package tells. */
export interface DocumentationParts {
  readonly metadata: OnnxMetadata;
  readonly model: ModelSpec;
  readonly result: TrialResult | null;
  readonly inverted: boolean;
  readonly testImage: string;
}

/**
 * README.md of a model package: what the model does, what it was trained on, how well, how to run it, and where it
 * fails.
 */
export function documentationMarkdown({ metadata, model, result, inverted, testImage }: DocumentationParts): string {
  const { factor, channels, normalisation, receptiveField, volume } = metadata;
  const axes = spatialAxes(metadata);
  const cost = modelCost(model, {
    factor: volume?.factor ?? factor,
    channels,
    networkHead: metadata.networkHead === true,
  });
  const paper = sourceLink(architectures[model.name].source);
  const link = paper.doi !== undefined ? `https://doi.org/${paper.doi}` : paper.url;
  const commit = metadata.commit === null ? '' : ` at commit ${metadata.commit.slice(0, 12)}`;
  const taken = channels === 1 ? 'one channel' : `${channels} channels`;
  const lines = [
    `# ${metadata.name}`,
    '',
    `Enlarges ${volume ? 'volumes' : 'images'} ${enlargement(metadata)}: ${model.name} ([${paper.text}](${link})), ` +
      `${cost.parameters.toLocaleString('en')} parameters, ` +
      `${workText(cost, volume !== undefined)}. Trained with Lacuna${commit}.`,
    '',
    '## Training data',
    '',
    metadata.data ?? 'Not recorded.',
    sizesText(metadata, axes),
    ...(inverted
      ? ['The training images were inverted, so that the network is bright: invert yours where it is dark.']
      : []),
    normalisation === null
      ? ''
      : `Intensities from ${rounded(normalisation.low)} to ${rounded(normalisation.high)} became 0 to 1; ` +
        'the package does so by itself.',
    '',
    '## Validation',
    '',
    ...(result === null ? ['The scores of the training run are not at hand.'] : scores(result)),
    '',
    `The test tensors are ${testImage}.`,
    '',
    '## Use',
    '',
    '    npx lacuna upscale . coarse.tif fine.tif',
    '',
    'or any tool of the BioImage Model Zoo, on images with the intensities of the training images. ',
    receptiveField === null
      ? 'One fine pixel depends on the whole image: large images are best given in few, overlapping tiles.'
      : reachText(metadata, axes),
    ...(axes.some(({ multiple }) => multiple > 1) ? [multiplesText(axes)] : []),
    '',
    '## Limits',
    '',
    '- It was trained on the data above alone. ' +
      'Another instrument, stain or structure needs its own check against fine images.',
    '- It makes up what the coarse image does not show. ' +
      'A branch in its output is a claim, not a measurement: count branches with the scores above in mind.',
    volume
      ? `- It takes ${taken} of volumes, no planes alone, and enlarges ${enlargement(metadata)}, by no other factor.`
      : '- Planes are enlarged one by one; nothing is shared along z. ' +
        `It takes ${taken} and enlarges ${factor} times, no other factor.`,
    '',
  ];
  return lines.join('\n');
}

/** Work for an image, and for a voxel of a volume, where no usual size is known. */
function workText({ macs720p, macsPerPixel }: ModelCost, isVolume: boolean): string {
  return isVolume
    ? `${(macsPerPixel / 1e3).toFixed(2)} thousand multiply-accumulates for a fine voxel`
    : `${(macs720p / 1e9).toFixed(2)} GMACs for an image of 1280 x 720`;
}

/** The pixels of both sides; of volumes along x, y and z. */
function sizesText({ pixelSize, volume }: OnnxMetadata, axes: readonly SpatialAxis[]): string {
  if (pixelSize === null) return 'The pixel size is not known.';
  if (!volume) {
    const { factor } = axes[0];
    return (
      `Fine pixels of ${formatLength(pixelSize.x, pixelSize.unit)}, ` +
      `coarse ones of ${formatLength(pixelSize.x * factor, pixelSize.unit)}.`
    );
  }
  const lengths = (of: (axis: SpatialAxis) => number) =>
    axes
      .toReversed()
      .map((axis) => {
        const size = pixelSize[axis.id];
        return size === undefined ? 'unknown' : formatLength(size * of(axis), pixelSize.unit);
      })
      .join(' x ');
  return `Fine voxels of ${lengths(() => 1)} (x, y, z), coarse ones of ${lengths(({ factor }) => factor)}.`;
}

function reachText({ receptiveField, volume }: OnnxMetadata, axes: readonly SpatialAxis[]): string {
  const fields = volume?.receptiveField?.toReversed() ?? [receptiveField, receptiveField];
  const halos = [...new Set(axes.map(({ halo }) => halo))];
  const overlap = halos.length === 1 ? String(halos[0]) : axes.map(({ id, halo }) => `${halo} along ${id}`).join(', ');
  return (
    `One fine pixel depends on ${fields.join(' x ')} coarse ones${volume ? ' (x, y, z)' : ''}: ` +
    `tiles that overlap by ${overlap} pixels give what the whole image gives.`
  );
}

function multiplesText(axes: readonly SpatialAxis[]): string {
  const names = { z: 'Depth', y: 'height', x: 'width' };
  if (axes.length === 2) return `Height and width must be multiples of ${axes[0].multiple}.`;
  return `${axes.map(({ id, multiple }) => `${names[id]} must be a multiple of ${multiple}`).join(', ')}.`;
}

const rounded = (value: number): string => String(Number(value.toPrecision(6)));

function scores(result: TrialResult): string[] {
  const { values } = result.test;
  const chosen = result.validation.values;
  const cell = (value: number | null | undefined) => (typeof value === 'number' ? rounded(value) : '–');
  const chosenStep = result.bestStep === null ? '' : `, model of step ${result.bestStep}`;
  return [
    `Seed ${result.seed}, ${result.steps} steps${chosenStep}. ` +
      'The validation split chose the model; the test split was read once.',
    '',
    '| metric | validation | test |',
    '| --- | --- | --- |',
    ...Object.keys(values).map((name) => `| ${name} | ${cell(chosen[name])} | ${cell(values[name])} |`),
    '',
    `Protocol: \`${result.test.protocol}\`.`,
  ];
}
