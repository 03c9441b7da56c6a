/** Methods in the order of the spec: it decides colours everywhere. */
export const methodOrder = ({ trials }: { readonly trials: readonly { readonly method: string }[] }): string[] => [
  ...new Set(trials.map(({ method }) => method)),
];
