import type { OnnxMetadata } from '@lacuna/onnx';

/** What a package says of one spatial axis of its model. */
export interface SpatialAxis {
  readonly id: 'z' | 'y' | 'x';
  /** By how much the axis grows. */
  readonly factor: number;
  /** Lengths of the input are multiples of this. */
  readonly multiple: number;
  /**
   * Coarse pixels beside a tile that its inner part depends on; 0 where the model looks at the whole image and no
   * border would do.
   */
  readonly halo: number;
  /** The smallest LR length in which every layer's mirroring has room, and something is left between two halos. */
  readonly least: number;
}

/** What is left between two halos at the least: of planes, and of volumes, whose test tensors grow with the cube. */
const INNER = { 2: 16, 3: 8 } as const;

/** The spatial axes of a model's tensors in their order: y, x of planes, z, y, x of volumes. */
export function spatialAxes({ factor, multiple, receptiveField, volume }: OnnxMetadata): SpatialAxis[] {
  if (volume)
    return (['z', 'y', 'x'] as const).map((id, i) =>
      axisOf(id, {
        factor: volume.factor[i],
        multiple: volume.multiple[i],
        field: volume.receptiveField && volume.receptiveField[i],
        inner: INNER[3],
      }),
    );
  return (['y', 'x'] as const).map((id) => axisOf(id, { factor, multiple, field: receptiveField, inner: INNER[2] }));
}

function axisOf(
  id: SpatialAxis['id'],
  given: { factor: number; multiple: number; field: number | null; inner: number },
): SpatialAxis {
  const { factor, multiple, field, inner } = given;
  const halo = field === null ? 0 : Math.ceil(field / 2);
  return { id, factor, multiple, halo, least: Math.ceil((inner + 2 * halo) / multiple) * multiple };
}
