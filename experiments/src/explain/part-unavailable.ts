import { InputError } from '@lacuna/core';

/** A part that a model cannot have: an error where somebody named it, else left out, which is said. */
export class PartUnavailable extends InputError {}
