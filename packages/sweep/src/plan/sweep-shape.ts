import { z } from 'zod';
import { budgetSpec } from '../budget/budget-spec.js';
import { searchSpec } from '../search/search-spec.js';

const axis = z.record(z.string(), z.array(z.unknown()).min(1));
const methodName = z
  .string()
  .regex(/^[^\s\p{C}]([^\p{C}]*[^\s\p{C}])?$/u, 'a name, without spaces around it')
  .max(100);

/** The keys of a spec that say which trials there are; everything else describes one trial. */
export const sweepShape = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, dot, dash, underscore')
    .max(100)
    .describe('of the sweep, and of the folder of its results'),
  description: z.string().default('').describe('what the sweep asks, for its report'),
  methods: z
    .record(methodName, z.record(z.string(), z.unknown()))
    .refine((methods) => Object.keys(methods).length > 0, 'at least one method')
    .optional()
    .describe('named variants: what each one changes of the spec; null leaves an inherited one out'),
  axes: z
    .strictObject({
      cross: axis.optional().describe('by dotted path, lists of values: every combination is a trial'),
      zip: axis.optional().describe('by dotted path, lists of one length: values advance together'),
    })
    .default({})
    .describe('fields that take several values'),
  seeds: z
    .array(z.int().min(0))
    .min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, 'each seed once')
    .default([0])
    .describe('every trial is run with each'),
  search: searchSpec
    .nullish()
    .describe('trials that are chosen while others run, in place of axes; null takes an inherited one away'),
  budget: budgetSpec.optional().describe('what a sweep may use: once it is used up no trial begins any more'),
};

export const sweepKeys = Object.keys(sweepShape);
