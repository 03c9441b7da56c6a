import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { InputError, readRegularFile, type Image } from '@lacuna/core';
import { networkCost, openSession, planPlane, upscalePlane, type TileModel } from '@lacuna/onnx';
import type { Cost } from '../sweep/results.js';
import { openModel, type UpscaleModel } from '../upscale/open-model.js';
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

/**
 * Opens the ONNX file or the pretrained model that a spec names as a method, for images of one channel. It runs on the
 * CPU, where the same threads give the same numbers.
 * @param options.threads of one op; the cores by default.
 * @throws {InputError} where the file is no SR network of one image, does not say its range, or enlarges by another
 *   factor than the spec.
 */
export async function openBaseline(
  spec: BaselineSpec,
  options: { factor: number; baseDir: string; threads: number | null },
): Promise<Baseline> {
  const { model, label } = await readBaseline(spec, options);
  const { run, onnx, volume } = model;
  if (volume !== null)
    throw new InputError({ who: label, got: 'a network that takes volumes', wanted: 'one that enlarges planes' });
  if (run.factor !== options.factor)
    throw new InputError({
      who: label,
      got: `a network that enlarges ${run.factor} times`,
      wanted: `factor ${options.factor}, as degradation.factor says`,
    });
  if (run.channels !== 1 && run.channels !== 3)
    throw new InputError({ who: label, got: `${run.channels} channels`, wanted: '1 or 3' });
  const { parameters, macsPerPixel, receptiveField } = await networkCost(onnx, {
    name: label,
    layout: run.layout,
    channels: run.channels,
    factor: run.factor,
    multiple: run.multiple,
  });
  const session = await openSession(onnx, run, {
    device: 'cpu',
    ...(options.threads === null ? {} : { threads: options.threads }),
  });
  const network = run.channels === 3 ? asGrey(session) : session;
  return {
    label,
    engine: 'onnxruntime on the CPU',
    cost: { parameters, macsPerPixel, macs720p: macsPerPixel * AREA_720P, receptiveField },
    async enlarge(lr) {
      const { factor } = run;
      const data = new Float32Array(lr.data.length * factor * factor);
      const row = lr.width * factor;
      const margin = 2 * (run.halo ?? 0);
      const side = Math.ceil((spec.tile + margin) / run.multiple) * run.multiple;
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

async function readBaseline(
  spec: BaselineSpec,
  { factor, baseDir }: { factor: number; baseDir: string },
): Promise<{ model: UpscaleModel; label: string }> {
  if (spec.kind === 'pretrained') {
    const { onnx, origin } = await loadPretrained(spec.model, factor);
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
