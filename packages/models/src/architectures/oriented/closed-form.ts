import { InputError } from '@lacuna/core';
import type { ClosedFormFit } from '../architecture.js';
import { SHRINKAGE, fitOrientedRidge } from './fit.js';
import type { OrientedOptions } from './options.js';

/** Training begins from the bank of least squared error. */
export function fitOriented(bank: OrientedOptions): ClosedFormFit {
  return {
    label: 'model oriented',
    needs: 'pairs',
    otherwise: 'set model.name to fsrcnn',
    weights({ pairs, turns, engine }, { factor, channels }) {
      if (channels !== 1)
        throw new InputError({ who: 'model oriented', got: `${channels} channels`, wanted: '1: filters are grey' });
      const options = { bank, factor, ridge: 1e-3, shrinkage: SHRINKAGE, turns, engine, field: 'model.kernel' };
      return fitOrientedRidge(pairs, options);
    },
  };
}
