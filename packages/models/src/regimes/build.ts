import { adversarialRegime } from './adversarial.js';
import { cutRegime } from './cut.js';
import { equivariantRegime } from './equivariant.js';
import { geometryRegime } from './geometry.js';
import { lightRegime } from './light.js';
import { pairedRegime } from './paired.js';
import type { Regime, RegimeContext } from './regime.js';
import type { TrainedRegimeSpec } from './spec.js';
import { unpairedRegime } from './unpaired.js';

/** A regime's program for one model, batch and patch. */
export function buildRegime(spec: TrainedRegimeSpec, context: RegimeContext): Regime {
  switch (spec.kind) {
    case 'paired':
      return pairedRegime(spec, context);
    case 'adversarial':
      return adversarialRegime(spec, context);
    case 'unpaired':
      return unpairedRegime(spec, context);
    case 'light':
      return lightRegime(spec, context);
    case 'cut':
      return cutRegime(spec, context);
    case 'equivariant':
      return equivariantRegime(spec, context);
    case 'geometry':
      return geometryRegime(spec, context);
  }
}
