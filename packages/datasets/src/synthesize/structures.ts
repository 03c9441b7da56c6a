import { InputError } from '@lacuna/core';
import { corticalSpec, growCortical, synthesizeCortical } from './cortical.js';
import { dentinSpec, growDentinSpecimen, synthesizeDentin } from './dentin.js';
import { growLacunocanalicular, lacunocanalicularSpec, synthesizeLacunocanalicular } from './lacunocanalicular.js';
import { ownStructure, type OwnStructure } from './own-structure.js';

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

/** Names of Lacuna's own, for specs and the command line. */
export const structureNames = Object.keys(structures) as [StructureName, ...StructureName[]];

/** Whether a source of data is a structure, of Lacuna's own or of others. */
export const isStructure = (source: string): source is StructureName => Object.hasOwn(structures, source);

/** Names of all structures that this process knows: Lacuna's own, then those of extensions. */
export const knownStructures = (): StructureName[] => Object.keys(structures) as StructureName[];

const own = new Map<string, OwnStructure>();

/** Structures of others that were registered, by name. */
export const ownStructures = (): ReadonlyMap<string, OwnStructure> => own;

/**
 * Adds a structure of others to the catalogue of this process, behind Lacuna's own.
 * @param taken names of sources that are no structure.
 * @throws {InputError} where the name is taken.
 */
export function addStructure(structure: OwnStructure, taken: readonly string[]): void {
  const { name } = structure;
  if (Object.hasOwn(structures, name) || taken.includes(name))
    throw new InputError({ who: `structure ${name}`, got: 'a name that is taken', wanted: 'a name of its own' });
  Object.assign(structures, { [name]: ownStructure(structure) });
  own.set(name, structure);
}
