import { InputError } from '@lacuna/core';
import type { UpscaleModel } from './open-model.js';
import type { UpscaleOptions } from './options.js';

/** What the level of a model's network rests on. */
export interface KnownLevel {
  /** In images whose levels are those of training. */
  readonly level: number;
  readonly origin: string;
}

/**
 * The level that a model knows: its own, chosen on validation, else the one common to all methods of its sweep. Both
 * hold for images that are normalised as in training.
 * @param who asks for it.
 * @throws {InputError} where there is none, with how to say one.
 */
export function levelOfModel(
  model: Pick<UpscaleModel, 'label' | 'ownLevel' | 'level'>,
  { levels }: Pick<UpscaleOptions, 'levels'>,
  who: string,
): KnownLevel {
  const refuse = (got: string) =>
    new InputError({
      who,
      got,
      wanted: "the network's level in the numbers of the enlarged image",
      remedy: 'give --level otsu, or a number such as --level 120',
    });
  const { label, ownLevel, level } = model;
  if (ownLevel === null && level === null) throw refuse(`${label}, which does not say the network's level`);
  if (levels === 'range' || typeof levels === 'object')
    throw refuse(`other levels than those of training (--levels), at which the level of ${label} does not hold`);
  if (ownLevel !== null) return { level: ownLevel, origin: "the model's own level, chosen on validation" };
  return { level: level!, origin: 'the level common to all methods of its training; the model has none of its own' };
}

/** The level of the probability that a model's head gives. */
export function levelOfHead({ level, isOwn }: NonNullable<UpscaleModel['headLevel']>): KnownLevel {
  const chosen = isOwn ? ', its level chosen on validation' : '';
  return { level, origin: `probability of network by the model's head${chosen}` };
}
