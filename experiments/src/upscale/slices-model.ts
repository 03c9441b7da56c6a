import {
  openPlanesSession,
  type Axes,
  type SessionOptions,
  type VolumeDescription,
  type VolumeSession,
} from '@lacuna/onnx';
import { planesIn, type Slicing } from '@lacuna/models';
import { enlargeByPlanes } from '../trial/slices.js';
import { turnedAxes, turnedBackAxes } from '../trial/turn-axes.js';

/** Coarse planes to either side that interpolation between planes reads. */
const REACH = { linear: 1, cubic: 2 } as const;

/** What a network of planes asks for along rows and columns. */
interface PlaneAxes {
  readonly factor: readonly number[];
  readonly multiple: readonly number[];
  /** Pixels to either side on which an SR pixel depends; null where it looks at the whole plane. */
  readonly halo: readonly number[] | null;
}

/** What a model of planes asks for along z, y, x of volumes: its halo across the planes are the neighbours. */
export function slicesAxes(
  { factor, multiple, halo }: PlaneAxes,
  { axis, neighbours, between }: Slicing,
): Pick<VolumeDescription, 'factor' | 'multiple' | 'halo'> {
  const along = ([rows, columns]: readonly number[], across: number): Axes => {
    const { x, y, z } = turnedBackAxes({ x: columns, y: rows, z: across }, axis);
    return [z, y, x];
  };
  return {
    factor: along(factor, between?.factor ?? 1),
    multiple: along(multiple, 1),
    halo: halo && along(halo, neighbours + (between === null ? 0 : REACH[between.method])),
  };
}

/**
 * Opens a network of planes as one of volumes: a tile goes through it plane by plane, each with its neighbours, and so
 * does the network of its head.
 */
export async function openSlices(
  onnx: Uint8Array,
  { volume, slicing }: { readonly volume: VolumeDescription; readonly slicing: Slicing },
  options: SessionOptions,
): Promise<VolumeSession> {
  const { name, channels, layout, range, networkHead = false } = volume;
  const [z, y, x] = volume.factor;
  const factor = turnedAxes({ x, y, z }, slicing.axis);
  const description = { name, channels, layout, range, networkHead, factor: [factor.y, factor.x] as const };
  const session = await openPlanesSession(onnx, { ...description, planes: planesIn(slicing) }, options);
  return {
    ...volume,
    device: session.device,
    outputs: networkHead ? 2 : 1,
    async run(tile, [depth, height, width]) {
      const { data, network } = await enlargeByPlanes(
        { data: tile, width, height, depth, channels },
        slicing,
        async (plane) => {
          const [sr, probability] = await session.run(plane.data, [plane.height, plane.width]);
          const size = { width: plane.width * factor.x, height: plane.height * factor.y };
          return { ...size, data: sr, channels, ...(probability === undefined ? {} : { network: probability }) };
        },
      );
      return network === undefined ? [data] : [data, network];
    },
    reset: () => session.reset(),
    dispose: () => session.dispose(),
  };
}
