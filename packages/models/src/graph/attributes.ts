import type { Shape } from './shape.js';

/** Zeros, or mirrored values, before and after an axis. */
export type Sides = readonly [before: number, after: number];

/** How a window goes over an image: steps along each spatial axis; padding as TensorFlow defines SAME and VALID. */
export interface WindowAttributes {
  readonly stride: readonly number[];
  readonly padding: 'same' | 'valid';
}

/** A pooling's window along each spatial axis, and how it goes over the image. */
export interface PoolAttributes extends WindowAttributes {
  readonly window: readonly number[];
}

/** Axes of a reduction, and whether they stay as axes of size 1. */
export interface ReduceAttributes {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

type None = Readonly<Record<never, never>>;
interface WithShape {
  readonly shape: Shape;
}

/**
 * What each op needs besides its inputs. Plain data, so that a graph can be printed, hashed and exported.
 * Lists of windows, strides and blocks go along the spatial axes of an image: their length is its rank, 2 or 3.
 */
export interface OpAttributes {
  readonly input: WithShape & { readonly name: string };
  readonly constant: WithShape & { readonly values: Float32Array };
  readonly fill: WithShape & { readonly value: number };
  /** `after` reads a variable as the action's updates leave it. */
  readonly variable: WithShape & { readonly name: string; readonly after: boolean };
  readonly stopGradient: None;

  readonly conv: WindowAttributes;
  readonly convInputGradient: WindowAttributes & WithShape;
  readonly convFilterGradient: WindowAttributes & WithShape;
  readonly biasAdd: None;
  readonly biasAddGradient: None;

  readonly add: None;
  readonly sub: None;
  readonly mul: None;
  readonly div: None;
  readonly maximum: None;
  readonly minimum: None;
  readonly greater: None;
  readonly greaterEqual: None;
  readonly select: None;

  readonly neg: None;
  readonly abs: None;
  readonly sign: None;
  readonly square: None;
  readonly sqrt: None;
  readonly rsqrt: None;
  readonly exp: None;
  readonly log: None;
  readonly tanh: None;
  readonly tanhGradient: None;
  readonly sigmoid: None;
  readonly sigmoidGradient: None;
  readonly softplus: None;
  readonly erf: None;
  readonly relu: None;
  readonly reluGradient: None;
  readonly leakyRelu: { readonly slope: number };
  readonly leakyReluGradient: { readonly slope: number };
  readonly prelu: None;
  readonly preluGradient: None;

  readonly sum: ReduceAttributes;
  readonly mean: ReduceAttributes;
  readonly max: ReduceAttributes;

  readonly matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  readonly reshape: WithShape;
  readonly transpose: { readonly order: readonly number[] };
  readonly concat: { readonly axis: number };
  readonly slice: { readonly begin: readonly number[]; readonly size: Shape };
  readonly take: WithShape & { readonly indices: readonly number[] };
  readonly pad: { readonly paddings: readonly Sides[] };
  readonly mirrorPad: { readonly paddings: readonly Sides[] };
  readonly mirrorPadGradient: WithShape & { readonly paddings: readonly Sides[] };
  readonly depthToSpace: { readonly block: readonly number[] };
  readonly spaceToDepth: { readonly block: readonly number[] };

  readonly maxPool: PoolAttributes;
  readonly maxPoolGradient: PoolAttributes;
  readonly avgPool: PoolAttributes;
  readonly avgPoolGradient: PoolAttributes & WithShape;
}

/** Every op that a graph may hold. */
export type OpName = keyof OpAttributes;
/** Ops that an engine computes; the others are what it is fed, holds or stores. */
export type ComputedOp = Exclude<OpName, 'input' | 'constant' | 'fill' | 'variable'>;
