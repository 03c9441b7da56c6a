/** An axis of a volume. */
export type Axis = 'x' | 'y' | 'z';

/** Something for each axis; a number where nothing else is said. */
export type ByAxis<Value = number> = Readonly<Record<Axis, Value>>;

/** Which axes of a volume run along x, y and z of a turned one. */
type Order = readonly [x: Axis, y: Axis, z: Axis];

/** The axes of planes by the one that they are cut across: along a row, down a column, from plane to plane. */
const ORDERS: Readonly<Record<Axis, Order>> = { z: ['x', 'y', 'z'], y: ['x', 'z', 'y'], x: ['y', 'z', 'x'] };

/** What belongs to the axes of a volume, by those of its planes across one of them. */
export function turnedAxes<Value>(given: ByAxis<Value>, across: Axis): ByAxis<Value> {
  const [along, down, deep] = ORDERS[across];
  return { x: given[along], y: given[down], z: given[deep] };
}

/** The other way round of {@link turnedAxes}. */
export function turnedBackAxes({ x, y, z }: ByAxis, across: Axis): ByAxis {
  const [along, down, deep] = ORDERS[across];
  return { x: 0, y: 0, z: 0, [along]: x, [down]: y, [deep]: z };
}

/** A volume [z][y][x][channels] whose planes across an axis lie one after another: [across][down][along][channels]. */
export function turnVolume(data: Float32Array, lengths: ByAxis, across: Axis): Float32Array {
  return across === 'z' ? data : copyAlong(data, lengths, ORDERS[across]);
}

/** The other way round of {@link turnVolume}; `lengths` are those of the turned volume. */
export function turnVolumeBack(data: Float32Array, lengths: ByAxis, across: Axis): Float32Array {
  if (across === 'z') return data;
  const order = ORDERS[across];
  const names = ['x', 'y', 'z'] as const;
  const [x, y, z] = names.map((axis) => names[order.indexOf(axis)]);
  return copyAlong(data, lengths, [x, y, z]);
}

function copyAlong(data: Float32Array, { x, y, z }: ByAxis, [along, down, deep]: Order): Float32Array {
  const channels = data.length / (x * y * z);
  const lengths = { x, y, z };
  const strides = { x: channels, y: x * channels, z: x * y * channels };
  const out = new Float32Array(data.length);
  let to = 0;
  for (let k = 0; k < lengths[deep]; k++) {
    for (let j = 0; j < lengths[down]; j++) {
      let from = k * strides[deep] + j * strides[down];
      for (let i = 0; i < lengths[along]; i++) {
        for (let c = 0; c < channels; c++) out[to++] = data[from + c];
        from += strides[along];
      }
    }
  }
  return out;
}
