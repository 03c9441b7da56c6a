import type { Quantity } from './literature.js';
import type { GrownSpecimen } from './specimen.js';
import { structures, type StructureName } from './structures.js';

/** Grown specimens that are held to the literature. */
export interface LiteratureSpecimens {
  readonly networks: readonly GrownSpecimen[];
  /**
   * Larger blocks with lacunae and no canaliculi: a network as large would take minutes to grow and show no more of
   * them.
   */
  readonly blocks: readonly GrownSpecimen[];
}

/** How many specimens, from which seed, how large. */
export interface LiteratureOptions {
  readonly count: number;
  readonly seed: number;
  readonly phenotype: 'young' | 'aged';
  /** Share of the full area of each specimen. */
  readonly scale?: number;
  /** Blocks are left out where nothing in them is measured. */
  readonly blocks?: boolean;
}

interface Grid {
  readonly sides: readonly [number, number, number];
  readonly pixel: readonly [number, number];
}
const networkGrids: Readonly<Record<StructureName, Grid>> = {
  dentin: { sides: [512, 512, 128], pixel: [0.1, 0.3] },
  lacunocanalicular: { sides: [800, 800, 270], pixel: [0.1, 0.3] },
  // 4 mm a side: canals are some 270 µm apart, and few resorption pores make most of the porosity.
  cortical: { sides: [200, 200, 100], pixel: [20, 20] },
};
const blockGrids: Readonly<Partial<Record<StructureName, Grid>>> = {
  lacunocanalicular: { sides: [300, 300, 300], pixel: [1, 1] },
  cortical: { sides: [250, 250, 100], pixel: [2, 2] },
};

/** Grows the specimens that {@link compareWithLiterature} is shown. */
export function literatureSpecimens(
  name: StructureName,
  { count, seed, phenotype, scale = 1, blocks = true }: LiteratureOptions,
): LiteratureSpecimens {
  const structure = structures[name];
  const spec = phenotype === 'aged' ? structure.aged : {};
  const grow = ({ sides: [width, height, depth], pixel: [x, z] }: Grid, extra = {}) =>
    Array.from({ length: count }, (_, i) =>
      structure.grow({
        width: Math.round(width * Math.sqrt(scale)),
        height: Math.round(height * Math.sqrt(scale)),
        depth,
        pixelSize: { x, y: x, z, unit: 'um' },
        seed: seed + i,
        spec: { ...spec, ...extra },
      }),
    );
  const block = blockGrids[name];
  return {
    networks: grow(networkGrids[name]),
    blocks: blocks && block ? grow(block, name === 'lacunocanalicular' ? { canaliculiPerLacuna: 0 } : {}) : [],
  };
}

/** Those of the specimens that show a quantity. */
export function showing(quantity: Quantity, { networks, blocks }: LiteratureSpecimens): readonly GrownSpecimen[] {
  return quantity.inBlocks ? blocks : networks;
}
