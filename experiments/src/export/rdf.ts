import { architectures, type ModelSpec } from '@lacuna/models';
import type { OnnxMetadata } from '@lacuna/onnx';
import { sourceLink, type Citation } from './citation.js';
import { spatialAxes, type SpatialAxis } from './spatial-axes.js';

/** Version of the BioImage Model Zoo's format that is written; see https://bioimage-io.github.io/spec-bioimage-io/. */
const FORMAT_VERSION = '0.5.12';

/** A file of the package with its SHA-256. */
export interface PackagedFile {
  readonly source: string;
  readonly sha256: string;
}

/** What a package's description is made from. */
export interface DescriptionParts {
  readonly metadata: OnnxMetadata;
  readonly model: ModelSpec;
  readonly parameters: number;
  readonly citation: Citation;
  readonly opset: number;
  readonly version: string;
  readonly files: {
    readonly weights: PackagedFile;
    readonly input: PackagedFile;
    readonly output: PackagedFile;
    /** What a model with a head makes of the network. */
    readonly network?: PackagedFile;
    readonly cover: PackagedFile;
    readonly documentation: PackagedFile;
  };
}

/** The contents of rdf.yaml: what any tool of the zoo needs to run the model on the instrument's own numbers. */
export function modelDescription(parts: DescriptionParts): Record<string, unknown> {
  const { metadata, model, citation, files } = parts;
  const { factor, normalisation, volume } = metadata;
  const enlarged = `${enlargement(metadata)} of ${volume ? 'volumes' : 'images'}`;
  const paper = sourceLink(architectures[model.name].source);
  return {
    format_version: FORMAT_VERSION,
    type: 'model',
    name: zooName(metadata.name),
    version: parts.version,
    description: `Super-resolution ${enlarged} of microscopic networks (${model.name}).`,
    authors: citation.authors,
    maintainers: [],
    license: metadata.licence ?? citation.licence ?? 'Apache-2.0',
    cite:
      paper.doi === undefined && paper.url === undefined
        ? []
        : [
            {
              text: `Architecture: ${paper.text}`,
              ...(paper.doi === undefined ? { url: paper.url } : { doi: paper.doi }),
            },
          ],
    ...(citation.repository === null ? {} : { git_repo: citation.repository }),
    tags: ['super-resolution', 'microscopy', 'network', model.name, volume ? '3d' : '2d', 'onnx'],
    documentation: files.documentation,
    covers: [files.cover],
    inputs: [inputTensor(parts)],
    outputs: [
      outputTensor(parts),
      ...(parts.files.network === undefined ? [] : [networkTensor(parts, parts.files.network)]),
    ],
    weights: { onnx: { ...files.weights, opset_version: parts.opset } },
    config: {
      bioimageio: {
        architecture_type: model.name,
        task: 'super-resolution',
        model_parameter_count: parts.parameters,
        target_structure: ['tubules and branches', 'pore networks'],
        // A thousandth of the range from black to white.
        reproducibility_tolerance: [
          {
            relative_tolerance: 1e-3,
            absolute_tolerance: 1e-3 * (normalisation === null ? 1 : normalisation.high - normalisation.low),
            ...(files.network === undefined ? {} : { output_ids: ['sr'] }),
          },
          ...(files.network === undefined
            ? []
            : [{ relative_tolerance: 1e-3, absolute_tolerance: 1e-3, output_ids: ['network'] }]),
        ],
      },
      lacuna: {
        factor: volume?.factor ?? factor,
        receptive_field: volume ? volume.receptiveField : metadata.receptiveField,
        normalisation,
        data_range: metadata.dataRange,
        level: metadata.level,
        pixel_size: metadata.pixelSize,
        commit: metadata.commit,
        model,
        spec: metadata.spec === null ? null : (JSON.parse(metadata.spec) as unknown),
      },
    },
  };
}

/** "x4", "x4 in x, x4 in y, x1 in z". */
export function enlargement({ factor, volume }: Pick<OnnxMetadata, 'factor' | 'volume'>): string {
  if (!volume) return `x${factor}`;
  const [z, y, x] = volume.factor;
  return `x${x} in x, x${y} in y, x${z} in z`;
}

/** Names of the zoo have letters, digits and a few signs, five at least. */
function zooName(name: string): string {
  const clean = name
    .replaceAll(/[^A-Za-z0-9_+\- ()]+/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim()
    .slice(0, 64);
  return clean.length >= 5 ? clean : `Lacuna ${clean}`.trim();
}

const channelAxis = (channels: number) => ({
  type: 'channel',
  channel_names: Array.from({ length: channels }, (_, i) => (channels === 1 ? 'intensity' : `channel${i}`)),
});

/** Units of length as the format names them. */
const units = { nm: 'nanometer', um: 'micrometer', mm: 'millimeter' } as const;

/**
 * Pixel sizes of LR and SR. Tools take sizes and halos from their ratio, in floating point, and cut or refuse what is
 * no whole number: the fine pixel is rounded to 24 bits, so that its products with whole numbers, and their ratios,
 * are exact.
 */
function scales({ pixelSize }: OnnxMetadata, { id, factor }: SpatialAxis): { input: object; output: object } {
  const size = pixelSize?.[id];
  if (!pixelSize || size === undefined) return { input: { scale: factor }, output: { scale: 1 } };
  const unit = units[pixelSize.unit];
  const fine = Math.fround(size);
  return { input: { unit, scale: fine * factor }, output: { unit, scale: fine } };
}

function inputTensor({ metadata, files }: DescriptionParts): Record<string, unknown> {
  const { normalisation, channels, receptiveField } = metadata;
  const span = normalisation === null ? null : normalisation.high - normalisation.low;
  return {
    id: 'lr',
    description: `The coarse ${metadata.volume ? 'volume' : 'image'}, in the numbers of the instrument.`,
    test_tensor: files.input,
    data: { type: 'float32' },
    axes: [
      { type: 'batch' },
      channelAxis(channels),
      ...spatialAxes(metadata).map((axis) => ({
        type: 'space',
        id: axis.id,
        size: { min: axis.least, step: axis.multiple },
        concatenable: receptiveField !== null,
        ...scales(metadata, axis).input,
      })),
    ],
    ...(span === null
      ? {}
      : { preprocessing: [{ id: 'scale_linear', kwargs: { gain: 1 / span, offset: -normalisation!.low / span } }] }),
  };
}

/** Axes of what a model gives. */
function outputAxes(metadata: OnnxMetadata, channels: number): Record<string, unknown>[] {
  // Only where the reach is finite does a border that is cut away make tiles equal the whole.
  const haloOf = ({ halo, factor }: SpatialAxis) => (metadata.receptiveField === null ? {} : { halo: halo * factor });
  return [
    { type: 'batch' },
    channelAxis(channels),
    ...spatialAxes(metadata).map((axis) => ({
      type: 'space',
      id: axis.id,
      size: { tensor_id: 'lr', axis_id: axis.id },
      ...haloOf(axis),
      ...scales(metadata, axis).output,
    })),
  ];
}

/** What a head gives. */
function networkTensor({ metadata }: DescriptionParts, test: PackagedFile): Record<string, unknown> {
  return {
    id: 'network',
    description: 'Probability of belonging to the network.',
    test_tensor: test,
    data: { type: 'float32' },
    axes: outputAxes(metadata, 1),
  };
}

function outputTensor({ metadata, files }: DescriptionParts): Record<string, unknown> {
  const { normalisation, channels } = metadata;
  const enlarged = `${metadata.volume ? 'volume' : 'image'} enlarged ${enlargement(metadata)}`;
  return {
    id: 'sr',
    description: `The ${enlarged}, in the numbers of the instrument.`,
    test_tensor: files.output,
    data: { type: 'float32' },
    axes: outputAxes(metadata, channels),
    postprocessing: [
      { id: 'clip', kwargs: { min: 0, max: 1 } },
      ...(normalisation === null
        ? []
        : [
            { id: 'scale_linear', kwargs: { gain: normalisation.high - normalisation.low, offset: normalisation.low } },
          ]),
    ],
  };
}
