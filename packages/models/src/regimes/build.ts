import { adversarialRegime } from './adversarial.js';
import { geometryRegime } from './geometry.js';
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
    case 'geometry':
      return geometryRegime(spec, context);
  }
}
