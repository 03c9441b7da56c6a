import { architectures, modelCost, type ModelSpec } from '@lacuna/models';
import { formatLength } from '@lacuna/core';
import type { OnnxMetadata } from '@lacuna/onnx';
import type { TrialResult } from '../sweep/results.js';
import { sourceLink } from './citation.js';

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
  const { factor, channels, pixelSize, normalisation, receptiveField, multiple } = metadata;
  const cost = modelCost(model, { factor, channels });
  const paper = sourceLink(architectures[model.name].source);
  const link = paper.doi !== undefined ? `https://doi.org/${paper.doi}` : paper.url;
  const commit = metadata.commit === null ? '' : ` at commit ${metadata.commit.slice(0, 12)}`;
  const taken = channels === 1 ? 'one channel' : `${channels} channels`;
  const lines = [
    `# ${metadata.name}`,
    '',
    `Enlarges images ${factor} times: ${model.name} ([${paper.text}](${link})), ` +
      `${cost.parameters.toLocaleString('en')} parameters, ` +
      `${(cost.macs720p / 1e9).toFixed(2)} GMACs for an image of 1280 x 720. Trained with Lacuna${commit}.`,
    '',
    '## Training data',
    '',
    metadata.data ?? 'Not recorded.',
    pixelSize === null
      ? 'The pixel size is not known.'
      : `Fine pixels of ${formatLength(pixelSize.x, pixelSize.unit)}, ` +
        `coarse ones of ${formatLength(pixelSize.x * factor, pixelSize.unit)}.`,
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
      : `One fine pixel depends on ${receptiveField} x ${receptiveField} coarse ones: ` +
        `tiles that overlap by ${Math.ceil(receptiveField / 2)} pixels give what the whole image gives.`,
    ...(multiple > 1 ? [`Height and width must be multiples of ${multiple}.`] : []),
    '',
    '## Limits',
    '',
    '- It was trained on the data above alone. ' +
      'Another instrument, stain or structure needs its own check against fine images.',
    '- It makes up what the coarse image does not show. ' +
      'A branch in its output is a claim, not a measurement: count branches with the scores above in mind.',
    '- Planes are enlarged one by one; nothing is shared along z. ' +
      `It takes ${taken} and enlarges ${factor} times, no other factor.`,
    '',
  ];
  return lines.join('\n');
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
