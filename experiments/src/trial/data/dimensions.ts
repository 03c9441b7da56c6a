import { isStructure, registryEntry, type StructureName } from '@lacuna/datasets';
import type { TrialSpec } from '../../sweep/spec/spec.js';

/** Whether models see planes or volumes. */
export type Dimensions = 2 | 3;

/**
 * The dimensions of a trial as far as its spec says: its own word, or what its source is. Files of a folder say by
 * themselves whether they are volumes; null until they have been opened.
 */
export function plannedDimensions({ dimensions, data }: Pick<TrialSpec, 'dimensions' | 'data'>): Dimensions | null {
  return dimensions ?? sourceDimensions(data);
}

/** What a source is of by itself; null where files decide. */
export function sourceDimensions(data: TrialSpec['data']): Dimensions | null {
  if (isSyntheticData(data)) return data.depth > 1 ? 3 : 2;
  switch (data.source) {
    case 'folder':
      return data.stack ? 3 : null;
    case 'pairs':
    case 'manifest':
      return null;
    case 'sr-caco-2':
    case 'biosr':
      return 2;
    default:
      return registryEntry(data.source).layout === 'images' ? 2 : 3;
  }
}

const isSyntheticData = (data: TrialSpec['data']): data is Extract<TrialSpec['data'], { source: StructureName }> =>
  isStructure(data.source);
