import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { createImage, InputError, type Image } from '@lacuna/core';
import { modelCost, registeredModelSpec } from '@lacuna/models';
import { openSession, openVolumeSession, type OnnxMetadata } from '@lacuna/onnx';
import { readResult } from '../sweep/results/results.js';
import type { UpscaleModel } from '../upscale/open-model.js';
import { version } from '../machine/workspace.js';
import { readCitation } from './citation.js';
import { coverPng } from './cover.js';
import { documentationMarkdown } from './documentation.js';
import { encodeNpy } from './npy.js';
import { modelDescription, type PackagedFile } from './rdf.js';
import { testImage } from './test-image.js';

/** Operator set of the files that Lacuna writes. */
const OPSET = 18;

/**
 * The files of a BioImage Model Zoo package by name: weights, description, test tensors, cover, README.
 * The test output is what onnxruntime computes here, by the very steps that the description prescribes.
 */
export async function modelPackage(
  opened: UpscaleModel,
  metadata: OnnxMetadata,
  trial: string | null,
): Promise<Map<string, Uint8Array>> {
  const model =
    metadata.model === null ? null : (registeredModelSpec().safeParse(JSON.parse(metadata.model)).data ?? null);
  if (model === null)
    throw new InputError({
      who: `MODEL ${opened.label}`,
      got: 'a network whose architecture is not recorded',
      wanted: 'a model that Lacuna trained',
    });
  const { lr, origin } = await testImage(trial, metadata);
  const { normalisation, factor, channels, volume } = metadata;
  const ends = normalisation ?? { low: 0, high: 1 };
  const span = ends.high - ends.low;
  const normalised = lr.data.map((value) => (value - ends.low) / span);
  const [fz, fy, fx] = volume?.factor ?? [1, factor, factor];
  const [enlargedImage, network] = await enlarged(opened, { ...lr, data: normalised });
  const sr = createImage({
    data: enlargedImage.map((value) => Math.min(1, Math.max(0, value))),
    depth: lr.depth * fz,
    height: lr.height * fy,
    width: lr.width * fx,
    channels,
    dataRange: [0, 1],
  });
  const files = new Map<string, Uint8Array>();
  const add = (source: string, bytes: Uint8Array): PackagedFile => {
    files.set(source, bytes);
    return { source, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const result = trial === null ? null : readResult(trial);
  const shapeOf = ({ depth, height, width }: Image) => [1, channels, ...(volume ? [depth] : []), height, width];
  const listed = {
    weights: add('model.onnx', opened.onnx),
    input: add('test_input.npy', encodeNpy(toPlanes(lr.data, channels), shapeOf(lr))),
    output: add(
      'test_output.npy',
      encodeNpy(
        toPlanes(
          sr.data.map((value) => ends.low + value * span),
          channels,
        ),
        shapeOf(sr),
      ),
    ),
    ...(network === undefined ? {} : { network: add('test_network.npy', encodeNpy(network, shapeOf(sr))) }),
    cover: add('cover.png', await coverPng(middlePlane({ ...lr, data: normalised }), middlePlane(sr))),
    documentation: add(
      'README.md',
      Buffer.from(documentationMarkdown({ metadata, model, result, inverted: opened.inverted, testImage: origin })),
    ),
  };
  const description = modelDescription({
    metadata,
    model,
    parameters: modelCost(model, {
      factor: volume?.factor ?? factor,
      channels,
      networkHead: metadata.networkHead === true,
    }).parameters,
    citation: readCitation(),
    opset: OPSET,
    version,
    files: listed,
  });
  files.set('rdf.yaml', Buffer.from(stringify(description, { lineWidth: 0, aliasDuplicateObjects: false })));
  return files;
}

/** Channels last to channels first. */
function toPlanes(pixels: Float32Array, channels: number): Float32Array {
  const count = pixels.length / channels;
  return Float32Array.from(pixels, (_, i) => pixels[(i % count) * channels + Math.floor(i / count)]);
}

/** What the model makes of an image in [0, 1], not clipped: the enlarged one, and the network where it has a head. */
async function enlarged(
  { onnx, run, volume, headLevel }: UpscaleModel,
  { data, depth, height, width }: Image,
): Promise<Float32Array[]> {
  const networkHead = headLevel !== null;
  const options = { device: 'cpu' } as const;
  if (volume) {
    const session = await openVolumeSession(onnx, { ...volume, networkHead }, options);
    const made = await session.run(data, [depth, height, width]);
    // The session keeps its output arrays: copied before it goes.
    const kept = made.map((values) => values.slice());
    await session.dispose();
    return kept;
  }
  const session = await openSession(onnx, { ...run, networkHead }, options);
  const made = await session.run(data, height, width);
  const kept = made.map((values) => values.slice());
  await session.dispose();
  return kept;
}

/** The first channel of the plane in the middle. */
function middlePlane({ data, width, height, depth, channels }: Image): Parameters<typeof coverPng>[0] {
  const plane = width * height * channels;
  const from = Math.floor(depth / 2) * plane;
  const values = data.subarray(from, from + plane).filter((_, i) => i % channels === 0);
  return { data: values, width, height };
}
