import { own, same, type OpDefinitions } from './definition.js';

/** What an action is fed, holds and stores, and where a gradient ends. */
export const leaves: OpDefinitions<'input' | 'constant' | 'fill' | 'variable' | 'stopGradient'> = {
  input: { shape: own },
  constant: { shape: own },
  fill: { shape: own },
  variable: { shape: own },
  stopGradient: { shape: same },
};
