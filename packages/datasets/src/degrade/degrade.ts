import { InputError, ShapeError, createRng, describeShape, type Image, type PixelSize, type Rng } from '@lacuna/core';
import { adjointAxes, applyAxes } from '../filters/axis-operator.js';
import { NormalField } from '../noise/normal-field.js';
import { blindStages } from './blind.js';
import { confocalStages } from './confocal.js';
import { ctStages } from './ct.js';
import { forwardKernels, type KnownModelSpec } from './kernels.js';
import { ownDegradation } from './own-degradation.js';
import { linearStage, rowStage, type Block, type Grid, type Stage } from './stages.js';
import { factorsOf, type DegradationSpec } from './spec.js';

/**
 * The steps of a degradation for an image of this size, each with a line about what it does.
 * @throws {InputError} for sizes that a factor does not divide, a factor along z for one plane, optics without a pixel
 * size.
 */
function degradationStages(
  spec: DegradationSpec,
  grid: Grid,
  pixelSize: PixelSize | null,
  rng: Rng,
  name = 'image',
): Stage[] {
  checkFactors(spec, grid, name);
  // One plane has nothing along z.
  const planar = grid.depth === 1 && pixelSize ? withoutSpacing(pixelSize) : pixelSize;
  if (ownDegradation(spec.kind) !== null) return ownStages(spec, grid, planar, rng);
  switch (spec.kind) {
    case 'confocal':
      return confocalStages(spec, grid, planar, rng);
    case 'ct':
      return ctStages(spec, grid, planar, rng);
    case 'blind':
      return blindStages(spec, grid, rng);
    case 'bicubic': {
      const stages = [linearStage('antialiased bicubic', forwardKernels(spec), grid)];
      if (spec.noise > 0)
        stages.push(
          rowStage(`noise ${spec.noise}`, stages[0].to, rng.fork('noise'), (row, stream) => {
            const normals = new NormalField(stream);
            for (let i = 0; i < row.length; i++) row[i] += spec.noise * normals.draw();
          }),
        );
      return stages;
    }
  }
}

/** The steps of a degradation of others: its kernels, then what it does to each row. */
function ownStages(spec: DegradationSpec, grid: Grid, pixelSize: PixelSize | null, rng: Rng): Stage[] {
  const { row: change } = ownDegradation(spec.kind)!;
  const linear = linearStage(spec.kind, forwardKernels(spec as KnownModelSpec, pixelSize), grid);
  if (change === null) return [linear];
  const rows = rowStage(`${spec.kind}: rows`, linear.to, rng.fork('noise'), (row, stream) => change(row, spec, stream));
  return [linear, rows];
}

/**
 * A coarse image of a fine one, with noise. The fine image is normalised ([0, 1]); the result can leave [0, 1] by its
 * noise. Planes of a volume are degraded one by one unless the factor or the PSF says something along z. The noise of
 * a pixel depends on the stream and its place alone.
 * @throws {InputError} if the factor does not divide the size.
 */
export function degrade(hr: Image, spec: DegradationSpec, rng: Rng): Image {
  const stages = degradationStages(spec, hr, hr.pixelSize, rng, hr.name);
  const { width, height, depth } = stages.at(-1)!.to;
  const plane = hr.width * hr.height * hr.channels;
  const data = new Float32Array(width * height * depth * hr.channels);
  for (let z = 0; z < depth; z++)
    data.set(
      runStages(
        stages,
        { z, depth: 1, y: 0, height },
        (block) => hr.data.subarray(block.z * plane, (block.z + block.depth) * plane),
        hr,
      ),
      z * width * height * hr.channels,
    );
  return { ...hr, data, width, height, depth, pixelSize: coarserPixelSize(hr.pixelSize, spec) };
}

/** A degradation of a file that is worked on block by block: blocks of the result do not depend on how it is cut. */
export interface DegradationPlan {
  readonly to: Grid;
  readonly pixelSize: PixelSize | null;
  /** What is done, one line a step; of `blind`, what was drawn. */
  readonly steps: readonly string[];
  /** Rows and planes of the fine image that a block of the result is made of. */
  need(block: Block): Block;
  /** A block of the result from just those values, normalised. */
  run(block: Block, values: Float32Array): Float32Array;
}

/**
 * A degradation for images of this size, by blocks of whole rows.
 * @throws {InputError} as {@link degrade}.
 */
export function planDegradation(
  spec: DegradationSpec,
  hr: Grid & { readonly pixelSize: PixelSize | null; readonly name: string },
  rng: Rng,
): DegradationPlan {
  const stages = degradationStages(spec, hr, hr.pixelSize, rng, hr.name);
  return {
    to: stages.at(-1)!.to,
    pixelSize: coarserPixelSize(hr.pixelSize, spec),
    steps: stages.map(({ description }) => description),
    need: (block) => neededBlocks(stages, block)[0],
    run: (block, values) => runStages(stages, block, () => values, hr),
  };
}

/**
 * One block of the result. `read` gives whole rows of the fine image; of planes that are read in full it may give more
 * rows than asked for.
 */
function runStages(
  stages: readonly Stage[],
  block: Block,
  read: (block: Block) => Float32Array,
  from: Grid,
): Float32Array {
  const blocks = neededBlocks(stages, block);
  const first = blocks[0];
  let values = read(first);
  const row = from.width * from.channels;
  if (values.length !== first.depth * first.height * row) {
    // Whole planes came: the rows that are needed are cut out.
    const rows = values.length / first.depth / row;
    const cut = new Float32Array(first.depth * first.height * row);
    for (let z = 0; z < first.depth; z++)
      cut.set(
        values.subarray((z * rows + first.y) * row, (z * rows + first.y + first.height) * row),
        z * first.height * row,
      );
    values = cut;
  }
  stages.forEach((stage, i) => {
    values = stage.apply(values, blocks[i], blocks[i + 1]);
  });
  return values;
}

/** The block of the fine image, then of each stage's result, that a block of the last result is made of. */
function neededBlocks(stages: readonly Stage[], block: Block): Block[] {
  const blocks = [block];
  for (const stage of stages.toReversed()) blocks.unshift(stage.need(blocks[0]));
  return blocks;
}

/** The noise-free, linear part A of a degradation, and its adjoint: <A x, y> = <x, A' y>. */
export interface ForwardOperator {
  /** HR to LR. */
  apply(hr: Image): Image;
  /** LR to HR; the gradient of <A x, y> in x. */
  adjoint(lr: Image): Image;
}

/**
 * The operator of a degradation for fine images of one size: the steps of {@link degrade} without noise, jitter and
 * bleaching. The training graph's consistency loss uses the same kernels ({@link forwardKernels}).
 * @param rng what {@link degrade} was given: `blind` draws its operator from it. The other models need none.
 */
export function forwardOperator(
  spec: DegradationSpec,
  hr: Omit<Grid, 'channels'> & { readonly channels?: number; readonly pixelSize?: PixelSize | null },
  rng: Rng = createRng(0),
): ForwardOperator {
  const grid = { width: hr.width, height: hr.height, depth: hr.depth, channels: hr.channels ?? 1 };
  const pixelSize = hr.pixelSize ?? null;
  const linear = degradationStages(spec, grid, pixelSize, rng).flatMap((stage) => (stage.linear ? [stage.linear] : []));
  const to = coarseGrid(spec, grid);
  const check = (image: Image, wanted: Omit<Grid, 'channels'>) => {
    if (image.width !== wanted.width || image.height !== wanted.height || image.depth !== wanted.depth)
      throw new ShapeError({
        who: `forward operator on ${image.name}`,
        got: describeShape(image),
        wanted: describeShape({ ...wanted, channels: image.channels }),
      });
  };
  return {
    apply(image) {
      check(image, grid);
      return {
        ...linear.reduce((out, operators) => applyAxes(out, operators), image),
        pixelSize: coarserPixelSize(image.pixelSize, spec),
      };
    },
    adjoint(image) {
      check(image, to);
      return { ...linear.reduceRight((out, operators) => adjointAxes(out, operators), image), pixelSize };
    },
  };
}

/** The size of the coarse image. */
function coarseGrid(spec: DegradationSpec, grid: Grid): Grid {
  const { x, y, z } = factorsOf(spec);
  return { width: grid.width / x, height: grid.height / y, depth: grid.depth / z, channels: grid.channels };
}

/** The pixel size of the coarse image. */
function coarserPixelSize(pixelSize: PixelSize | null, spec: DegradationSpec): PixelSize | null {
  if (!pixelSize) return null;
  const factors = factorsOf(spec);
  const { x, y, z, unit } = pixelSize;
  return { x: x * factors.x, y: y * factors.y, ...(z === undefined ? {} : { z: z * factors.z }), unit };
}

function withoutSpacing({ x, y, unit }: PixelSize): PixelSize {
  return { x, y, unit };
}

function checkFactors(spec: DegradationSpec, { width, height, depth }: Grid, name: string): void {
  const { x, y, z } = factorsOf(spec);
  const who = `degrade ${name}`;
  if (z > 1 && depth === 1)
    throw new InputError({
      who,
      got: `a factor of ${z} along z for one plane`,
      wanted: 'a volume',
      remedy: 'leave out the factor along z',
    });
  if (width % x === 0 && height % y === 0 && depth % z === 0) return;
  const fit = (length: number, factor: number) => length - (length % factor);
  const volume = depth > 1 && z > 1;
  const plane = x === y ? `${x}` : `${x}, ${y}`;
  const factors = volume ? `${x}, ${y}, ${z}` : plane;
  if (Math.min(fit(width, x), fit(height, y), fit(depth, z)) === 0)
    throw new InputError({
      who,
      got: `${width} x ${height}${volume ? ` x ${depth}` : ''} with factor ${factors}`,
      wanted: 'an image of at least one coarse pixel',
      remedy: 'set a smaller factor',
    });
  throw new InputError({
    who,
    got: `${width} x ${height}${volume ? ` x ${depth}` : ''} with factor ${factors}`,
    wanted: `a size divisible by ${factors}`,
    remedy: `crop to ${fit(width, x)} x ${fit(height, y)}${volume ? ` x ${fit(depth, z)}` : ''}`,
  });
}
