import { corticalSpec, synthesizeCortical } from './cortical.js';
import { dentinSpec, synthesizeDentin } from './dentin.js';
import { lacunocanalicularSpec, synthesizeLacunocanalicular } from './lacunocanalicular.js';

/**
 * Structures that can be synthesised, by name: the spec that `structure` or `--set` may change, what `phenotype: aged` changes where the literature
 * gives figures for it, the pixel size that suits it, and the generator.
 */
export const structures = {
  dentin: { spec: dentinSpec, aged: null, pixelSize: '0.1um', synthesize: synthesizeDentin },
  // Ageing takes 45 % of the canalicular network's area and 21 % of the lacunae: 0.55 = 0.79 · 0.7 of what is left to each lacuna.
  lacunocanalicular: { spec: lacunocanalicularSpec, aged: { lacunaePerMm3: 23_300, canaliculiPerLacuna: 49 }, pixelSize: '0.1um', synthesize: synthesizeLacunocanalicular },
  cortical: { spec: corticalSpec, aged: { age: 80 }, pixelSize: '10um', synthesize: synthesizeCortical },
} as const;
export type StructureName = keyof typeof structures;

/** All names, for specs and the command line. */
export const structureNames = Object.keys(structures) as [StructureName, ...StructureName[]];
