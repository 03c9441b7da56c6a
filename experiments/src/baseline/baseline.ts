import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { InputError, readRegularFile, type Image } from '@lacuna/core';
import { byAxis, type Factor } from '@lacuna/datasets';
import {
  networkCost,
  openSession,
  openVolumeSession,
  planPlane,
  upscalePlane,
  type Axes,
  type SessionOptions,
  type TileModel,
  type VolumeDescription,
  type VolumeModel,
} from '@lacuna/onnx';
import type { Cost } from '../sweep/results/results.js';
import type { Dimensions } from '../trial/data/dimensions.js';
import { enlargeInMemory } from '../upscale/enlarge-in-memory.js';
import { factorOf, openModel, type UpscaleModel } from '../upscale/open-model.js';
import { loadPretrained } from './pretrained.js';
import type { BaselineSpec } from './spec.js';

/** A network of others that runs without training. */
export interface Baseline {
  /** What it is and where it comes from. */
  readonly label: string;
  /** Where it computes. */
  readonly engine: string;
  readonly cost: Pick<Cost, 'parameters' | 'macs720p' | 'macsPerPixel' | 'receptiveField'>;
  /** A normalised image of one channel, enlarged. */
  readonly enlarge: (lr: Image) => Promise<Image>;
  readonly dispose: () => Promise<void>;
}

const AREA_720P = 1280 * 720;

/** What a network is opened for. */
export interface BaselineOptions {
  readonly factor: Factor;
  /** Of the images; null where their files have not been opened. */
  readonly dimensions: Dimensions | null;
  readonly baseDir: string;
  /** Of one op; the cores by default. */
  readonly threads: number | null;
}

/**
 * Opens the ONNX file or the pretrained model that a spec names as a method, for images or volumes of one channel. It
 * runs on the CPU, where the same threads give the same numbers.
 * @throws {InputError} where the file is no SR network of one image, does not say its range, enlarges by another factor
 *   than the spec, or is of planes where the images are volumes, or the other way round.
 */
export async function openBaseline(spec: BaselineSpec, options: BaselineOptions): Promise<Baseline> {
  const { factor, dimensions, threads } = options;
  const { model, label } = await readBaseline(spec, options);
  const { run, onnx, volume } = model;
  requireKind(label, volume === null ? 2 : 3, dimensions);
  requireSameFactor(label, model, factor);
  if (run.channels !== 1 && (run.channels !== 3 || volume !== null))
    throw new InputError({ who: label, got: `${run.channels} channels`, wanted: volume === null ? '1 or 3' : '1' });
  const { parameters, macsPerPixel, receptiveField } = await networkCost(onnx, {
    name: label,
    layout: run.layout,
    channels: run.channels,
    factor: volume?.factor ?? run.factor,
    multiple: run.multiple,
  });
  const sessionOptions: SessionOptions = { device: 'cpu', ...(threads === null ? {} : { threads }) };
  const enlarger =
    volume === null
      ? await openPlanes(model, spec.tile, sessionOptions)
      : await openVolumes(onnx, volume, sessionOptions);
  return {
    label,
    engine: 'onnxruntime on the CPU',
    cost: { parameters, macsPerPixel, macs720p: macsPerPixel * AREA_720P, receptiveField },
    ...enlarger,
  };
}

function requireKind(who: string, own: Dimensions, images: Dimensions | null): void {
  if (images === null || own === images) return;
  throw new InputError({
    who,
    got: own === 2 ? 'a network of planes, for volumes (dimensions: 3)' : 'a network that takes volumes',
    wanted: own === 2 ? 'one that enlarges volumes' : 'one that enlarges planes',
    remedy: `set dimensions: ${own}, or leave the method out`,
  });
}

function requireSameFactor(who: string, model: UpscaleModel, wanted: Factor): void {
  const own = byAxis(factorOf(model));
  const { x, y, z } = byAxis(wanted);
  if (model.volume === null ? own.x === x && x === y : own.x === x && own.y === y && own.z === z) return;
  const text = (factors: readonly number[]) => factors.join(' x ');
  throw new InputError({
    who,
    got: `a network that enlarges ${model.volume === null ? own.x : text([own.x, own.y, own.z])} times`,
    wanted: `factor ${model.volume === null && x === y ? x : text([x, y, z])}, as degradation.factor says`,
  });
}

type Enlarger = Pick<Baseline, 'enlarge' | 'dispose'>;

async function openPlanes({ onnx, run }: UpscaleModel, tile: number, options: SessionOptions): Promise<Enlarger> {
  const session = await openSession(onnx, run, options);
  const network = run.channels === 3 ? asGrey(session) : session;
  return {
    async enlarge(lr) {
      const { factor } = run;
      const data = new Float32Array(lr.data.length * factor * factor);
      const row = lr.width * factor;
      const margin = 2 * (run.halo ?? 0);
      const side = Math.ceil((tile + margin) / run.multiple) * run.multiple;
      await upscalePlane(
        network,
        {
          width: lr.width,
          height: lr.height,
          readRows: (y, height) => Promise.resolve(lr.data.subarray(y * lr.width, (y + height) * lr.width)),
        },
        (y, _, [sr]) => data.set(sr, y * row),
        planPlane(lr, network, { rows: side, columns: side }),
      );
      return { ...lr, data, width: row, height: lr.height * factor };
    },
    dispose: () => session.dispose(),
  };
}

/** Voxels of a tile, about: some hundred channels of it are alive at one time. */
const TILE_VOXELS = 64 ** 3;

async function openVolumes(
  onnx: Uint8Array,
  description: VolumeDescription,
  options: SessionOptions,
): Promise<Enlarger> {
  const session = await openVolumeSession(onnx, description, options);
  return { enlarge: (lr) => enlargeVolume(session, lr), dispose: () => session.dispose() };
}

async function enlargeVolume(model: VolumeModel, lr: Image): Promise<Image> {
  const [timesDepth, timesHeight, timesWidth] = model.factor;
  const { width, height, depth } = lr;
  const tile = tileOf([depth, height, width], model);
  const [data] = await enlargeInMemory(model, lr, { together: depth, tile });
  return { ...lr, data, width: width * timesWidth, height: height * timesHeight, depth: depth * timesDepth };
}

/** The whole depth, and as much of the plane as {@link TILE_VOXELS} allow, halo and all. */
function tileOf([depth, height, width]: Axes, { halo, multiple }: VolumeModel): Axes {
  const side = Math.floor(Math.sqrt(TILE_VOXELS / depth));
  const along = (axis: 1 | 2, length: number): number => {
    const wanted = Math.min(length, side) + 2 * (halo?.[axis] ?? 0);
    return Math.ceil(wanted / multiple[axis]) * multiple[axis];
  };
  return [Math.ceil(depth / multiple[0]) * multiple[0], along(1, height), along(2, width)];
}

async function readBaseline(
  spec: BaselineSpec,
  { factor, baseDir }: Pick<BaselineOptions, 'factor' | 'baseDir'>,
): Promise<{ model: UpscaleModel; label: string }> {
  if (spec.kind === 'pretrained') {
    const { onnx, origin } = await loadPretrained(spec.model, byAxis(factor).x);
    return {
      model: await openModel({ label: spec.model, bytes: onnx, trial: null }, { range: null }),
      label: `${spec.model} (${origin})`,
    };
  }
  const path = resolve(baseDir, spec.path);
  const label = basename(path);
  if (!existsSync(path))
    throw new InputError({
      who: `regime.path ${spec.path}`,
      got: 'no such file',
      wanted: 'an ONNX file',
      remedy: `relative paths are taken from ${baseDir}`,
    });
  const { layout = null, channels = null } = spec;
  const model = await openModel(
    { label, bytes: readRegularFile(path, 'an ONNX file'), trial: null },
    {
      range: spec.range ?? null,
      layout,
      channels,
      remedy: 'say it in the spec: regime.range: [0, 1], [0, 255] or [-1, 1]',
    },
  );
  if (spec.factor !== undefined && spec.factor !== model.run.factor)
    throw new InputError({
      who: label,
      got: `a network that enlarges ${model.run.factor} times`,
      wanted: `factor ${spec.factor}, as regime.factor says`,
    });
  return { model, label };
}

/**
 * A network of three equal colours for grey images: each pixel goes in three times, and the mean of the three comes
 * out.
 */
export function asGrey(network: TileModel): TileModel {
  return {
    ...network,
    channels: 1,
    async run(tile, height, width) {
      const colours = new Float32Array(3 * tile.length);
      for (let i = 0; i < tile.length; i++) colours.fill(tile[i], 3 * i, 3 * i + 3);
      const outputs = await network.run(colours, height, width);
      return outputs.map((sr) =>
        Float32Array.from({ length: sr.length / 3 }, (_, i) => (sr[3 * i] + sr[3 * i + 1] + sr[3 * i + 2]) / 3),
      );
    },
    reset: () => network.reset(),
    dispose: () => network.dispose(),
  };
}
