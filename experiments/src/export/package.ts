import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { InputError } from '@lacuna/core';
import { modelCost, modelSpec } from '@lacuna/models';
import { openSession, type OnnxMetadata } from '@lacuna/onnx';
import { readResult } from '../sweep/results.js';
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
  const model = metadata.model === null ? null : (modelSpec.safeParse(JSON.parse(metadata.model)).data ?? null);
  if (model === null)
    throw new InputError({
      who: `MODEL ${opened.label}`,
      got: 'a network whose architecture is not recorded',
      wanted: 'a model that Lacuna trained',
    });
  const { lr, origin } = await testImage(trial, metadata);
  const { normalisation, factor, channels } = metadata;
  const ends = normalisation ?? { low: 0, high: 1 };
  const span = ends.high - ends.low;
  const normalised = lr.data.map((value) => (value - ends.low) / span);
  const session = await openSession(opened.onnx, opened.run, { device: 'cpu' });
  const [raw] = await session.run(normalised, lr.height, lr.width);
  // The session keeps its output array: copied before it goes.
  const sr = raw.map((value) => Math.min(1, Math.max(0, value)));
  await session.dispose();
  const files = new Map<string, Uint8Array>();
  const add = (source: string, bytes: Uint8Array): PackagedFile => {
    files.set(source, bytes);
    return { source, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const result = trial === null ? null : readResult(trial);
  const side = { lr: lr.width, sr: lr.width * factor };
  const listed = {
    weights: add('model.onnx', opened.onnx),
    input: add('test_input.npy', encodeNpy(toPlanes(lr.data, channels), [1, channels, side.lr, side.lr])),
    output: add(
      'test_output.npy',
      encodeNpy(
        toPlanes(
          sr.map((value) => ends.low + value * span),
          channels,
        ),
        [1, channels, side.sr, side.sr],
      ),
    ),
    cover: add(
      'cover.png',
      await coverPng(
        { data: firstChannel(normalised, channels), side: side.lr },
        { data: firstChannel(sr, channels), side: side.sr },
      ),
    ),
    documentation: add(
      'README.md',
      Buffer.from(documentationMarkdown({ metadata, model, result, inverted: opened.inverted, testImage: origin })),
    ),
  };
  const description = modelDescription({
    metadata,
    model,
    parameters: modelCost(model, { factor, channels }).parameters,
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

const firstChannel = (pixels: Float32Array, channels: number): Float32Array =>
  pixels.filter((_, i) => i % channels === 0);
