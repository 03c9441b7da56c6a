import { architectures, modelCost, modelSpec } from '@lacuna/models';

/** A model of the table: what a spec says of it beside its name, and who else calls it how. */
interface Row {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly note?: string;
}

const SMALL_FSRCNN = { d: 32, s: 12, m: 4, upsampler: 'shuffle' };
const SMALL_EDSR = { blocks: 5, filters: 24, skip: 'bilinear' };

/** Rows of a family beside the one of its canonical options, and notes; families without an entry have that one row. */
const rowsOf: Readonly<Record<string, readonly Row[]>> = {
  fsrcnn: [
    {},
    { options: { ...SMALL_FSRCNN, skip: 'bilinear' }, note: 'quick start: paired, geometry' },
    { options: { ...SMALL_FSRCNN, skip: 'ridge' } },
    { options: { ...SMALL_FSRCNN, s: 16, skip: 'bilinear', symmetry: 'square' } },
  ],
  oriented: [{ note: 'quick start: oriented-ridge' }],
  edsr: [{ note: 'EDSR-baseline' }, { options: SMALL_EDSR }, { options: { ...SMALL_EDSR, symmetry: 'square' } }],
  rrdb: [{ note: 'ESRGAN' }],
  unet: [{ note: 'CARE' }],
  'resnet-generator': [
    { note: 'CycleGAN, nine blocks' },
    { options: { blocks: 3, filters: 8, grid: 'lr', skip: true }, note: 'quick start: cyclegan' },
  ],
  'pix2pix-unet': [
    { note: 'Pix2Pix, 256 px' },
    { options: { levels: 3, filters: 8, skip: true }, note: 'quick start: pix2pix' },
  ],
};

/**
 * The catalogue as a table in Markdown, every family with its canonical options and with those that specs here use:
 * parameters, multiply-accumulates for an HR image of 1280 x 720, side of the receptive field in LR pixels and source,
 * at x4 and one channel.
 */
export function modelsTable(): string {
  const rows = Object.entries(architectures).flatMap(([name, { source }]) =>
    (rowsOf[name] ?? [{}]).map((row) => tableRow(name, row, source)),
  );
  return ['| `model` | parameters | GMACs | field | source |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function tableRow(name: string, { options = {}, note }: Row, source: string): string {
  const { parameters, macs720p, receptiveField } = modelCost(modelSpec.parse({ name, ...options }), {
    factor: 4,
    channels: 1,
  });
  const fields = Object.entries({ name, ...options }).map(([key, value]) => `${key}: ${String(value)}`);
  const gmacs = (macs720p / 1e9).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return [
    '',
    `\`{ ${fields.join(', ')} }\`${note === undefined ? '' : ` (${note})`}`,
    parameters.toLocaleString('en'),
    gmacs,
    receptiveField ?? 'all',
    sourceLink(source),
    '',
  ]
    .join(' | ')
    .trim();
}

/** `arXiv:1608.00367` and `doi:10.1038/...` as links. */
function sourceLink(source: string): string {
  const [kind, id] = [source.slice(0, source.indexOf(':')), source.slice(source.indexOf(':') + 1)];
  if (kind === 'arXiv') return `[${source}](https://arxiv.org/abs/${id})`;
  return kind === 'doi' ? `[${source}](https://doi.org/${id})` : source;
}
