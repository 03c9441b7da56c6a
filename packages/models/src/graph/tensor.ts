/** Sizes along each axis; images are NHWC. Every size is known when a graph is built. */
export type Shape = readonly number[];

/** What an op needs besides its inputs. Plain data, so that a graph can be printed, hashed and exported. */
export interface Attributes {
  readonly [name: string]:
    number | string | boolean | readonly number[] | Float32Array | readonly (readonly number[])[];
}

/** One value of a graph: the result of one op. float32 throughout. */
export interface Tensor {
  readonly id: number;
  readonly op: string;
  readonly shape: Shape;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
}

/** "[8,32,32,1]". */
export function formatShape(shape: Shape): string {
  return `[${shape.join(',')}]`;
}

/** Number of values. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}
