import { dentinSpec, synthesizeDentin } from './dentin.js';

/**
 * Structures that can be synthesised, by name: the spec that `structure` or `--set` may change, what `phenotype: aged` changes where the literature
 * gives figures for it, the pixel size that suits it, and the generator.
 */
export const structures = {
  dentin: { spec: dentinSpec, aged: null, pixelSize: '0.1um', synthesize: synthesizeDentin },
} as const;
export type StructureName = keyof typeof structures;

/** All names, for specs and the command line. */
export const structureNames = Object.keys(structures) as [StructureName, ...StructureName[]];
