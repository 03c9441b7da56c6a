import { bodyVolume } from './body.js';
import {
  bodiesInside,
  bodyDegrees,
  bodyDensity,
  bodyShare,
  branchDiameters,
  branchingAngles,
  degreesOf,
  diameters,
  leans,
  lengthDensity,
  neighbourDistances,
  oblatenessOf,
  primaries,
  stretchOf,
  tubeNeighbourDistances,
  tubeShare,
  wholeLengths,
  widestDiameters,
} from './morphometry.js';
import type { Canal } from './cortical-growth.js';
import { drawNetwork } from './render.js';
import type { GrownSpecimen } from './specimen.js';
import { decay, deviation, mean, median, percentile, reaches, within, type Statistic } from './statistics.js';

/** A quantity of a specimen: one value, or one for each thing that has it. */
export interface Quantity {
  readonly name: string;
  readonly unit: string;
  readonly of: (specimen: GrownSpecimen) => readonly number[];
  /** What the literature says of it, as numbers that one statistic is held to. */
  readonly figures: readonly LiteratureFigure[];
  /** Measured in large blocks without canaliculi. */
  readonly inBlocks?: boolean;
  /** Values that a plot shades: where the literature has them; null where only the tail is known. */
  readonly shade?: readonly [low: number, high: number];
  /**
   * Published P(value >= x) = a·exp(-k·x) from one value to another: a plot then shows the measured share beside it.
   */
  readonly tail?: {
    readonly a: number;
    readonly k: number;
    readonly from: number;
    readonly to: number;
    readonly step: number;
  };
}

/** A statistic and the range that it must lie in. */
export interface LiteratureFigure {
  readonly statistic: Statistic;
  readonly low: number;
  readonly high: number;
  /** The figure as it is published, or from which published ones it follows. */
  readonly published: string;
}

/** ± 10 %, in place of a range where one value is published. */
const about = (value: number, share = 0.1): { low: number; high: number } => ({
  low: value * (1 - share),
  high: value * (1 + share),
});
/** Mean within 10 % and standard deviation within 25 %: what different bones of one study differ by, too. */
const normal = (average: number, spread: number, published: string): LiteratureFigure[] => [
  { statistic: mean, ...about(average), published },
  { statistic: deviation, ...about(spread, 0.25), published: `SD ${spread}` },
];
const laterals = ['thick', 'fine', 'fork'];
const canalicular = ['canaliculus', 'link', 'inlet'];

const dentin: readonly Quantity[] = [
  {
    name: 'tubule density',
    unit: 'thousand per mm²',
    of: (s) => [1000 * lengthDensity(s, ['tubule'])],
    shade: [20, 60],
    figures: [{ statistic: mean, low: 20, high: 60, published: '20-60' }],
  },
  {
    name: 'tubule diameter',
    unit: 'µm',
    of: (s) => diameters(s, ['tubule']),
    shade: [1, 2],
    figures: [
      { statistic: percentile(5), low: 1, high: 2, published: '1-2' },
      { statistic: percentile(95), low: 1, high: 2, published: '1-2' },
    ],
  },
  {
    name: 'nearest tubule',
    unit: 'µm',
    of: (s) => tubeNeighbourDistances(s, 'tubule'),
    shade: [2.0, 7.6],
    figures: [
      {
        statistic: mean,
        low: 0.5 / Math.sqrt(0.06),
        high: Math.sqrt(2 / (Math.sqrt(3) * 0.02)),
        published: '2.0-7.6: from random to hexagonal, at 60 to 20 thousand per mm²',
      },
    ],
  },
  {
    name: 'lean from the mean direction',
    unit: '°',
    of: (s) => leans(s, 'tubule'),
    shade: [0, 10],
    figures: [{ statistic: mean, low: 0, high: 10, published: 'nearly parallel (below 10° is our reading)' }],
  },
  {
    name: 'diameter of lateral branches',
    unit: 'µm',
    of: (s) => branchDiameters(s, laterals),
    shade: [0.1, 0.7],
    figures: [{ statistic: within(0.1, 0.7), low: 0.95, high: 1, published: '0.1-0.7' }],
  },
  {
    name: 'angle of lateral branches',
    unit: '°',
    of: (s) => branchingAngles(s, 'tubule', laterals),
    shade: [45, 90],
    figures: [{ statistic: within(45, 90), low: 0.9, high: 1, published: '45-90' }],
  },
  {
    name: 'tubular porosity',
    unit: '%',
    of: (s) => [100 * tubeShare(s, ['tubule'])],
    shade: [1.6, 19],
    figures: [{ statistic: mean, low: 1.6, high: 18.8, published: '1.6-19: π/4 · d² · density of the above' }],
  },
];

const primary = (side: 'radial' | 'equatorial') => (s: GrownSpecimen) =>
  primaries(s)
    .filter((one) => one.side === side)
    .map(({ diameter }) => 1000 * diameter);
/** Lacunae, wherever they are drawn. */
const lacunae: readonly Quantity[] = (
  [
    {
      name: 'lacunae',
      unit: 'thousand per mm³',
      of: (s) => [1e6 * bodyDensity(s)],
      shade: [29, 30],
      figures: [
        { statistic: mean, low: 27, high: 32, published: '29-30 (accepted: ± 2, as far as a few specimens stray)' },
      ],
    },
    {
      name: 'nearest lacuna',
      unit: 'µm',
      of: neighbourDistances,
      shade: [18.5, 31.5],
      figures: normal(25, 6.5, '25 ± 6.5'),
    },
    {
      name: 'volume of a lacuna',
      unit: 'µm³',
      of: (s) => bodiesInside(s).map(bodyVolume),
      shade: [246, 313],
      figures: [{ statistic: median, low: 246, high: 313, published: '246-313' }],
    },
    {
      name: 'stretch of a lacuna',
      unit: '',
      of: (s) => bodiesInside(s).map(stretchOf),
      shade: [0.62, 0.76],
      figures: [{ statistic: mean, ...about(0.69), published: '0.69' }],
    },
    {
      name: 'oblateness of a lacuna',
      unit: '',
      of: (s) => bodiesInside(s).map(oblatenessOf),
      shade: [-0.37, -0.17],
      figures: [{ statistic: mean, low: -0.37, high: -0.17, published: '-0.27' }],
    },
  ] satisfies Quantity[]
).map((quantity) => ({ ...quantity, inBlocks: true }));

const lacunocanalicular: readonly Quantity[] = [
  ...lacunae,
  {
    name: 'canaliculi of a lacuna',
    unit: '',
    of: bodyDegrees,
    shade: [40, 79],
    figures: [
      { statistic: median, low: 40, high: 79, published: 'median 40-42 (light microscopy), 79 primary (nano-CT)' },
      { statistic: within(6, 99), low: 0.99, high: 1, published: '6-99' },
    ],
  },
  {
    name: 'radial canaliculus, diameter',
    unit: 'nm',
    of: primary('radial'),
    shade: [116, 276],
    figures: normal(196, 80, '196 ± 80'),
  },
  {
    name: 'equatorial canaliculus, diameter',
    unit: 'nm',
    of: primary('equatorial'),
    shade: [176, 324],
    figures: normal(250, 74, '250 ± 74'),
  },
  {
    name: 'radial canaliculus, length',
    unit: 'µm',
    of: (s) =>
      primaries(s)
        .filter(({ side, length }) => side === 'radial' && !Number.isNaN(length))
        .map(({ length }) => length),
    shade: [31, 45],
    figures: normal(38, 7, '38 ± 7'),
  },
  {
    name: 'lacunar porosity',
    unit: '%',
    inBlocks: true,
    of: (s) => [100 * bodyShare(s)],
    shade: [0.81, 0.99],
    figures: [{ statistic: mean, ...about(0.899), published: '0.90: 62 % of 1.45' }],
  },
  {
    name: 'canalicular porosity',
    unit: '%',
    of: (s) => [100 * tubeShare(s, canalicular)],
    shade: [0.5, 0.61],
    figures: [{ statistic: mean, ...about(0.551), published: '0.55: 38 % of 1.45' }],
  },
  {
    name: 'canalicular density',
    unit: 'µm⁻²',
    of: (s) => [lengthDensity(s, canalicular)],
    shade: [0, 0.25],
    figures: [{ statistic: mean, low: 0.01, high: 0.25, published: '0-0.25' }],
  },
  {
    name: 'degree of a node',
    unit: '',
    of: degreesOf,
    tail: { a: 8, k: 4 / 3, from: 4, to: 7, step: 1 },
    figures: [
      { statistic: mean, ...about(2.8), published: '2.8' },
      { statistic: { name: 'edges per node', of: (values) => mean.of(values) / 2 }, ...about(1.4), published: '1.4' },
      { statistic: reaches(4), low: 0.019, high: 0.077, published: '0.039 (8·exp(-4k/3); within a factor of 2)' },
      { statistic: decay(4, 7, 1), ...about(4 / 3, 0.25), published: '1.33' },
    ],
  },
  {
    name: 'length of an edge',
    unit: 'µm',
    of: wholeLengths,
    tail: { a: 0.2, k: 0.66, from: 4, to: 9, step: 0.5 },
    figures: [
      { statistic: reaches(4), low: 0.007, high: 0.029, published: '0.014 (0.2·exp(-0.66x); within a factor of 2)' },
      { statistic: decay(4, 9, 0.5), ...about(0.66, 0.25), published: '0.66' },
    ],
  },
];

const canalsOf = (specimen: GrownSpecimen): readonly Canal[] =>
  'canals' in specimen ? (specimen.canals as readonly Canal[]) : [];
const porosity: Quantity = {
  name: 'porosity',
  unit: '%',
  shade: [3.5, 4.5],
  of: ({ grid, wireframe, network }) => [
    100 * mean.of(drawNetwork(wireframe, network, grid.raster, () => 1).mask as unknown as number[]),
  ],
  figures: [{ statistic: mean, low: 3.4, high: 4.6, published: '4 at age 40 (± 15 %)' }],
};
const cortical: readonly Quantity[] = [
  porosity,
  {
    name: 'Haversian canal, diameter',
    unit: 'µm',
    of: (s) => diameters(s, ['canal']),
    shade: [48, 60],
    figures: [{ statistic: median, low: 48, high: 60, published: '48-60' }],
  },
  {
    name: 'osteon, diameter',
    unit: 'µm',
    of: (s) => canalsOf(s).map(({ osteonRadius }) => 2 * osteonRadius),
    shade: [216, 235],
    figures: [{ statistic: mean, low: 216, high: 235, published: '216-235' }],
  },
  {
    name: 'Volkmann canal, diameter',
    unit: 'µm',
    of: (s) => branchDiameters(s, ['volkmann']),
    shade: [67, 83],
    figures: [{ statistic: mean, ...about(75), published: 'about 75' }],
  },
  {
    name: 'resorption pore, diameter',
    unit: 'µm',
    of: (s) => widestDiameters(s, ['canal'], 85),
    shade: [100, 300],
    figures: [{ statistic: within(100, 300), low: 0.9, high: 1, published: '100-300' }],
  },
  ...lacunae,
];

/** Quantities of each structure as the literature has them. */
export const literature = { dentin, lacunocanalicular, cortical } as const;

/** The same of old tissue; `ratio`: as a change from young specimens of the same seeds, per cent. */
export const agedLiterature: {
  readonly [structure in keyof typeof literature]: readonly (Quantity & { readonly ratio: boolean })[];
} = {
  dentin: [
    {
      name: 'open length of tubules',
      unit: '%',
      ratio: true,
      of: (s) => [lengthDensity(s, ['tubule'])],
      figures: [
        {
          statistic: mean,
          low: -50,
          high: -5,
          published: 'up to half of the tubules close (cited in Sci Rep 6, 19849)',
        },
      ],
    },
    {
      name: 'diameter of a tubule',
      unit: '%',
      ratio: true,
      of: (s) => diameters(s, ['tubule']),
      figures: [
        { statistic: mean, low: -5, high: 5, published: 'no difference (Montoya et al., Arch Oral Biol 2015)' },
      ],
    },
  ],
  lacunocanalicular: [
    {
      name: 'lacunae',
      unit: '%',
      ratio: true,
      inBlocks: true,
      of: (s) => [bodyDensity(s)],
      figures: [{ statistic: mean, low: -26, high: -16, published: '-21' }],
    },
    {
      name: 'canalicular length',
      unit: '%',
      ratio: true,
      of: (s) => [lengthDensity(s, canalicular)],
      figures: [{ statistic: mean, low: -50, high: -40, published: '-45 (canalicular network)' }],
    },
    {
      name: 'area of the network',
      unit: '%',
      ratio: true,
      of: (s) => [projectedArea(s)],
      figures: [{ statistic: mean, low: -46, high: -36, published: '-41' }],
    },
  ],
  cortical: [
    {
      ...porosity,
      ratio: false,
      shade: [8.5, 11.5],
      figures: [{ statistic: mean, low: 8.5, high: 13, published: '10 and more at age 80' }],
    },
  ],
};

/**
 * Area that the network covers in a thin slice: π/4 · 2rl of its tubes (all directions alike), π·(bc + ac + ab)/3 of
 * its lacunae; µm² a µm³.
 */
function projectedArea(specimen: GrownSpecimen): number {
  const { extent } = specimen.grid;
  const tubes = specimen.network.branches.reduce((sum, { length, radius }) => sum + (Math.PI / 2) * radius * length, 0);
  const cells = bodiesInside(specimen).reduce(
    (sum, { semiAxes: [a, b, c] }) => sum + (Math.PI / 3) * (a * b + b * c + a * c),
    0,
  );
  return (tubes + cells) / (extent.width * extent.height * extent.depth);
}
