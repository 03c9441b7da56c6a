import type { LacunaTrial } from './plan.js';

/** Methods in the order of the spec: it decides colours everywhere. */
export const methodOrder = ({ trials }: { readonly trials: readonly LacunaTrial[] }): string[] => [
  ...new Set(trials.map(({ method }) => method)),
];
