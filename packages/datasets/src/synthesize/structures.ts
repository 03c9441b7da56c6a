import { corticalSpec, growCortical, synthesizeCortical } from './cortical.js';
import { dentinSpec, growDentinSpecimen, synthesizeDentin } from './dentin.js';
import { growLacunocanalicular, lacunocanalicularSpec, synthesizeLacunocanalicular } from './lacunocanalicular.js';

/**
 * Structures that can be synthesised, by name: the spec that `structure` or `--set` may change, what `phenotype: aged`
 * changes, the pixel size that suits it, and the generator.
 */
export const structures = {
  // Density and bore of the tubules stay as they are, some of them close (Montoya et al., Arch Oral Biol 60, 2015; up
  // to half, as Sci Rep 6, 19849 cites).
  dentin: {
    spec: dentinSpec,
    aged: { occluded: 0.3 },
    pixelSize: '0.1um',
    grow: growDentinSpecimen,
    synthesize: synthesizeDentin,
  },
  // Ageing takes 21 % of the lacunae and 45 % of the canalicular network: fewer canaliculi for each lacuna that is
  // left.
  lacunocanalicular: {
    spec: lacunocanalicularSpec,
    aged: { lacunaePerMm3: 23_300, canaliculiPerLacuna: 46 },
    pixelSize: '0.1um',
    grow: growLacunocanalicular,
    synthesize: synthesizeLacunocanalicular,
  },
  cortical: {
    spec: corticalSpec,
    aged: { age: 80 },
    pixelSize: '10um',
    grow: growCortical,
    synthesize: synthesizeCortical,
  },
} as const;
export type StructureName = keyof typeof structures;

/** All names, for specs and the command line. */
export const structureNames = Object.keys(structures) as [StructureName, ...StructureName[]];
