import type { DegradationSpec } from './spec.js';

/**
 * The noise of a known degradation as regimes simulate it: variance intensity / photons + readNoise². Background light
 * adds to the constant part; neighbours' share in CT noise is not said. Null where the spec does not say it (`blind`,
 * degradations of others).
 */
export function noiseModel(spec: DegradationSpec): { photons: number | null; readNoise: number } | null {
  switch (spec.kind) {
    case 'confocal': {
      const { photons, readNoise, background } = spec;
      const dark = photons === null ? 0 : background / photons;
      return { photons, readNoise: Math.sqrt(readNoise ** 2 + dark) };
    }
    case 'ct':
    case 'bicubic':
      return { photons: null, readNoise: spec.noise };
    default:
      return null;
  }
}
