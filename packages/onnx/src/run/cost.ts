import { InferenceSession, Tensor } from 'onnxruntime-node';
import { InputError } from '@lacuna/core';
import { factorOf, graphCost, sizeOf, type PerAxis } from '@lacuna/models';
import { importOnnx } from '../import/import.js';
import { decodeModel, encodeModel } from '../proto/codec.js';
import type { OnnxGraph, OnnxNode, OnnxTensor } from '../proto/model.js';
import { dataTypes } from '../proto/tensors.js';
import type { ProbedNetwork } from './probe.js';

/** What a network costs, whoever made it. */
export interface NetworkCost {
  /** Numbers in the file that its ops compute with. */
  readonly parameters: number;
  /** Multiply-accumulates of convolutions and matrix products, for one pixel or voxel of the SR image. */
  readonly macsPerPixel: number;
  /**
   * LR pixels along each spatial axis on which one SR pixel depends, y, x or z, y, x; null where a layer looks at the
   * whole image, or our graph has no way to say a layer.
   */
  readonly receptiveFields: readonly number[] | null;
  /** The largest of {@link receptiveFields}. */
  readonly receptiveField: number | null;
}

/** The outside of a network whose cost is counted. */
export interface CountedNetwork extends ProbedNetwork {
  /** One number is a plane's; a list says by its length whether planes or volumes are meant. */
  readonly factor: PerAxis;
  readonly multiple: number;
}

/** Side of the image on which work is counted: borders weigh little. */
const SIDES = { 2: 64, 3: 24 } as const;
/** Ops whose numbers are sizes and limits, not weights. */
const SETTINGS = new Set([
  'Resize',
  'Upsample',
  'Pad',
  'Clip',
  'Slice',
  'Reshape',
  'Expand',
  'Tile',
  'ConstantOfShape',
  'Range',
  'Gather',
]);
const FLOATS: readonly number[] = [dataTypes.float, dataTypes.float16, dataTypes.double];

/**
 * Counts an ONNX network of any ops: work from the sizes that its convolutions and products have when onnxruntime runs
 * it, reach from our graph where that can read it.
 * @throws {InputError} where the file is damaged or does not run.
 */
export async function networkCost(bytes: Uint8Array, network: CountedNetwork): Promise<NetworkCost> {
  const { name, layout, channels, multiple } = network;
  const factor = factorOf(network.factor);
  const { graph, ...model } = decodeModel(bytes);
  const rank = factor.length as 2 | 3;
  const side = Math.ceil(SIDES[rank] / multiple) * multiple;
  const lengths = factor.map(() => side);
  const counted = graph.node.filter((node) => node.opType in macs && node.output[0]);
  const stored = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]));
  const outputs = [
    ...new Set([
      ...graph.output.map((output) => output.name),
      ...counted.flatMap((node) =>
        [node.output[0], ...node.input.slice(0, 2)].filter((value) => value !== '' && !stored.has(value)),
      ),
    ]),
  ];
  // Everything whose size is needed becomes an output; the runtime finds out the types by itself.
  const opened = encodeModel({
    ...model,
    graph: {
      ...graph,
      output: [
        ...graph.output,
        ...outputs
          .filter(
            (value) =>
              !graph.output.some((output) => output.name === value) &&
              !graph.input.some((input) => input.name === value),
          )
          .map((value) => ({ name: value })),
      ],
    },
  });
  const sizes = new Map<string, readonly number[]>([...stored].map(([key, tensor]) => [key, tensor.dims ?? []]));
  try {
    const session = await InferenceSession.create(opened, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 4,
    });
    const image = new Tensor(
      'float32',
      new Float32Array(sizeOf(lengths) * channels),
      layout === 'nchw' ? [1, channels, ...lengths] : [1, ...lengths, channels],
    );
    const results = await session.run({ [session.inputNames[0]]: image });
    for (const [key, value] of Object.entries(results)) sizes.set(key, value.dims);
    sizes.set(session.inputNames[0], image.dims);
    await session.release();
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0].slice(0, 200);
    throw new InputError(
      {
        who: `MODEL ${name}`,
        got: `a network that does not run (${reason})`,
        wanted: 'ops that onnxruntime has',
      },
      { cause: error },
    );
  }
  const work = counted.reduce((sum, node) => sum + macs[node.opType](node, (value) => sizes.get(value) ?? []), 0);
  return {
    parameters: countParameters(graph, stored),
    macsPerPixel: work / (sizeOf(lengths) * sizeOf(factor)),
    ...reach(bytes, { factor, channels, multiple }),
  };
}

type Sizes = (value: string) => readonly number[];

/** Multiply-accumulates of a node, from the sizes of what it reads and writes. */
const macs: Readonly<Record<string, (node: OnnxNode, size: Sizes) => number>> = {
  // Filters [out, in / groups, spatial]: a sum over all but the first axis for each value.
  Conv: ({ input, output }, size) => sizeOf(size(output[0])) * sizeOf(size(input[1]).slice(1)),
  // Filters [in, out / groups, spatial]: each value of the input is spread over as many.
  ConvTranspose: ({ input }, size) => sizeOf(size(input[0])) * sizeOf(size(input[1]).slice(1)),
  MatMul: ({ input, output }, size) => sizeOf(size(output[0])) * (size(input[0]).at(-1) ?? 0),
  Gemm: ({ input, output, attribute }, size) =>
    sizeOf(size(output[0])) * (size(input[0])[attribute?.find(({ name }) => name === 'transA')?.i === 1 ? 0 : 1] ?? 0),
};

/** Floats with an axis that an op reads as weights, each stored array once. */
function countParameters(graph: OnnxGraph, stored: ReadonlyMap<string, OnnxTensor>): number {
  const all = new Map(stored);
  const taken = new Set<string>();
  for (const { opType, output, attribute } of graph.node) {
    const value = opType === 'Constant' ? attribute?.find(({ name }) => name === 'value')?.t : undefined;
    if (value) all.set(output[0], value);
  }
  for (const { opType, input } of graph.node) if (!SETTINGS.has(opType)) for (const name of input) taken.add(name);
  return [...all]
    .filter(([name, { dims = [], dataType = 0 }]) => taken.has(name) && dims.length > 0 && FLOATS.includes(dataType))
    .reduce((sum, [, { dims = [] }]) => sum + sizeOf(dims), 0);
}

function reach(
  bytes: Uint8Array,
  context: { factor: readonly number[]; channels: number; multiple: number },
): Pick<NetworkCost, 'receptiveField' | 'receptiveFields'> {
  try {
    const { receptiveField, receptiveFields } = graphCost(importOnnx(bytes).build, context);
    return { receptiveField, receptiveFields };
  } catch (error) {
    // The file runs all the same; its tiles are blended.
    if (error instanceof InputError) return { receptiveField: null, receptiveFields: null };
    throw error;
  }
}
