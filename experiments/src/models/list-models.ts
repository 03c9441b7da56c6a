import { architectures, modelCost, modelSpec, type ModelCost } from '@lacuna/models';
import { renderTable } from '@lacuna/sweep';

/** A family of generators with its canonical options, and what it costs. */
export interface CatalogueEntry extends ModelCost {
  readonly name: string;
  /** Paper, as "arXiv:…" or "doi:…". */
  readonly source: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Every family of the catalogue as its paper has it, for one factor and number of channels. */
export function listModels(context: { factor: number; channels: number }): CatalogueEntry[] {
  return Object.entries(architectures).map(([name, { source }]) => {
    const spec = modelSpec.parse({ name });
    const { name: _, ...options } = spec;
    return { name, source, options, ...modelCost(spec, context) };
  });
}

/** The catalogue as a table. */
export function renderModels(
  entries: readonly CatalogueEntry[],
  { factor, channels }: { factor: number; channels: number },
): string {
  const table = renderTable(entries, [
    { title: 'model', align: 'left', text: ({ name }) => name },
    { title: 'parameters', text: ({ parameters }) => parameters.toLocaleString('en') },
    { title: 'GMACs at 720p', text: ({ macs720p }) => (macs720p / 1e9).toFixed(2) },
    {
      title: 'receptive field',
      text: ({ receptiveField }) =>
        receptiveField === null ? 'whole image' : `${receptiveField} x ${receptiveField} px`,
    },
    {
      title: 'activations at 720p',
      text: ({ activationBytes720p }) => `${(activationBytes720p / 2 ** 20).toFixed(0)} MiB`,
    },
    { title: 'source', align: 'left', text: ({ source }) => source },
  ]);
  const colours = `${channels} channel${channels === 1 ? '' : 's'}`;
  const legend = [
    `Options as in the papers, x${factor}, ${colours}`,
    'an image of 1280 x 720 comes out',
    'receptive field in coarse pixels',
    'all activations kept, float32.',
  ];
  return `${table}\n\n${legend.join('; ')}`;
}
