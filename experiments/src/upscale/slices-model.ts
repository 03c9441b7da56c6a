import type { Axes, PlanesDescription, PlanesSession, VolumeDescription, VolumeModel } from '@lacuna/onnx';
import { planesIn, type Slicing } from '@lacuna/models';
import { enlargeByPlanes } from '../trial/view/enlarge-by-planes.js';
import { turnedAxes, turnedBackAxes, type ByAxis } from '../trial/view/turn-axes.js';

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

/** The network of planes behind a model of volumes that cuts them. */
export function planesNetwork(volume: VolumeDescription, slicing: Slicing): PlanesDescription {
  const { name, channels, layout, range, networkHead = false } = volume;
  const { x, y } = planeFactor(volume, slicing);
  return { name, channels, layout, range, networkHead, factor: [y, x], planes: planesIn(slicing) };
}

function planeFactor({ factor: [z, y, x] }: VolumeDescription, { axis }: Slicing): ByAxis {
  return turnedAxes({ x, y, z }, axis);
}

/**
 * A session on planes as a model of volumes: a tile goes through it plane by plane, each with its neighbours, and so
 * does the network of its head.
 */
export function slicesModel(
  session: Pick<PlanesSession, 'run' | 'reset' | 'dispose'>,
  volume: VolumeDescription,
  slicing: Slicing,
): VolumeModel {
  const { channels, networkHead = false } = volume;
  const factor = planeFactor(volume, slicing);
  return {
    ...volume,
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
