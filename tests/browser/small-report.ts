import { packRegions, packVolumes, type PanelData, type ReportData, type VolumeData } from '@lacuna/experiments';

/** Of each volume, fine voxels. */
export const [width, height] = [24, 20];
const depth = 8;

/** Each plane of its own brightness, with a bar that moves on. */
const volume = (side: number, shift: number) => ({
  width: width / side,
  height: height / side,
  depth,
  data: Float32Array.from({ length: (width * height * depth) / side ** 2 }, (_, i) => {
    const plane = Math.floor(i / ((width * height) / side ** 2));
    return (i % (width / side)) * side === plane + shift ? 1 : 0.1 + 0.05 * plane;
  }),
});
const line = (kind: number, y: number, z: number) => {
  const marks = new Uint8Array(width * height * depth);
  marks.fill(kind, (z * height + y) * width + 2, (z * height + y) * width + 20);
  return marks;
};
const run = (y: number, z: number, length: number) =>
  Int32Array.from({ length }, (_, i) => (z * height + y) * width + 2 + i);
const data: VolumeData = {
  title: 'Drawn volume <test>',
  hr: volume(1, 2),
  lr: volume(2, 2),
  factor: '2',
  pixelSize: { x: 0.2, y: 0.2, z: 0.4, unit: 'um' },
  network: line(1, 10, 4),
  reference: [{ pixels: run(10, 4, 18), length: 17 }],
  isNetworkKnown: true,
  methods: [
    {
      name: 'ridge',
      volume: volume(1, 3),
      marks: line(3, 4, 6),
      branches: [
        { kind: 'found', pixels: run(10, 4, 18), length: 17, share: 1 },
        {
          kind: 'invented',
          pixels: run(4, 6, 18),
          length: 17,
          share: 0,
          evidence: { given: 0.25, measured: 0.4, isDoubtful: true },
        },
        { kind: 'missed', pixels: run(16, 1, 12), length: 11, share: 0.1 },
      ],
    },
  ],
};

/** A plane with a branch that was missed and one that was invented. */
const panel: PanelData = {
  title: 'Drawn plane',
  hr: volume(1, 2),
  lr: volume(2, 2),
  factor: 2,
  pixelSize: { x: 0.2, y: 0.2, unit: 'um' },
  network: new Uint8Array(width * height),
  isNetworkKnown: true,
  rule: { kind: 'median', size: 16 },
  methods: [
    {
      name: 'ridge',
      sr: volume(1, 3),
      marks: new Uint8Array(width * height),
      branches: [
        {
          kind: 'missed',
          pixels: Int32Array.from({ length: 20 }, (_, i) => 10 * width + 2 + i),
          length: 19,
          share: 0.1,
        },
        {
          kind: 'invented',
          pixels: Int32Array.from({ length: 10 }, (_, i) => 4 * width + 2 + i),
          length: 9,
          share: 0,
          evidence: { given: 0.25, measured: 0.4, isDoubtful: true },
        },
        {
          kind: 'found',
          pixels: Int32Array.from({ length: 10 }, (_, i) => 15 * width + 2 + i),
          length: 9,
          share: 1,
          evidence: { given: 1, measured: null, isDoubtful: false },
        },
      ],
      scores: [],
    },
  ],
};

const value = (mean: number, half = 0) => ({ mean, low: mean - half, high: mean + half });
/** A report of two regions of volumes and one of planes. */
export const report: ReportData = {
  title: 'Two regions',
  summary: 'Which is which?',
  warnings: [],
  columns: [
    { name: 'Parameters', digits: 0, better: null, si: true },
    { name: 'clDice', digits: 2, better: 'higher' },
  ],
  rows: [
    { method: 'bicubic', seeds: 1, cells: [value(0), value(0.7)] },
    { method: 'ridge', seeds: 2, cells: [value(800), value(0.8, 0.05)] },
    { method: 'edsr', seeds: 2, cells: [value(99_000), null] },
  ],
  interval: 'mean',
  figures: [],
  curves: [
    {
      title: 'drawn',
      methods: ['bicubic', 'ridge'],
      charts: [
        {
          name: 'training loss',
          scale: 'log',
          methods: [
            {
              method: 'ridge',
              seeds: [
                {
                  seed: 1,
                  points: [
                    [1, 0.5],
                    [100, 0.05],
                  ],
                },
              ],
            },
          ],
        },
      ],
    },
  ],
  regions: packRegions([panel]),
  volumes: packVolumes([data, { ...data, title: 'Another region', methods: [] }]),
  spec: { name: 'spec.yaml', text: '' },
  environment: [],
  next: [],
};
