import { basename, relative, sep } from 'node:path';
import { shellQuote } from '../sweep/plan/selection.js';
import type { Choices, ChosenSplit } from './choose.js';
import { flattenSigma } from './findings.js';
import type { RefusedPair } from './registered.js';
import type { Survey } from './survey.js';

/** Where the written files lie. */
export interface SpecPlace {
  readonly name: string;
  /** The spec's own path, as it is typed. */
  readonly file: string;
  /** Folder that paths in the spec are relative to. */
  readonly baseDir: string;
  /** The list of images beside the spec, where there is one. */
  readonly manifest: string | null;
  /** The command that wrote it. */
  readonly command: string;
}

/** A path of the spec's, with slashes. */
const pathFrom = (baseDir: string, path: string): string => relative(baseDir, path).split(sep).join('/') || '.';

const quoted = (text: string): string =>
  /^[\w./-]+$/.test(text) && !/^[\d.-]/.test(text) ? text : JSON.stringify(text);

/** A line of YAML with the reason for it. */
const line = (content: string, why: string): string => `${content.padEnd(64)} # ${why}`;

/** Whether a list has to say which images are used: some are left out, or folders alone do not give the pairs. */
export function needsManifest({ found, pairs, isStack }: Survey): boolean {
  if (isStack) return false;
  const isLeftOut = found.duplicates.length + found.unreadable.length > 0;
  return isLeftOut || (pairs !== null && pairs.folders === null);
}

/** The list of the images that are used, by their paths from the spec. */
export function manifestText(survey: Survey, baseDir: string): string {
  const { images, pairs } = survey;
  const cell = (path: string) => {
    const text = pathFrom(baseDir, path);
    return /[",\n#]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = pairs
    ? ['path,lr', ...pairs.pairs.map(({ fine, coarse }) => `${cell(fine.path)},${cell(coarse.path)}`)]
    : ['path', ...images.map(({ path }) => cell(path))];
  const refused = leftOutPairs(survey).map(({ pair, reason }) => `# ${pair.fine.name} cannot be registered: ${reason}`);
  return `${[...refused, ...rows].join('\n')}\n`;
}

/** The spec as commented YAML. */
export function specText(survey: Survey, choices: Choices, place: SpecPlace): string {
  const { dimensions, seeds, tolerance } = choices;
  const volumes = dimensions === 3;
  const metrics = [
    'psnr',
    ...(volumes ? [] : ['ssim']),
    'cldice',
    'betti0_error',
    'betti1_error',
    'weak_branch_recall',
    'invented_length',
    'recall_at_invention_10',
  ];
  return [
    `# Written by: ${place.command}`,
    '# A start for these images, light enough to try; every line may be changed.',
    `# See what it would train:  npx lacuna sweep ${shellQuote(place.file)} --dry-run`,
    `# Try all of it first:      npx lacuna sweep ${shellQuote(place.file)} --set training.steps=10 --out runs/try`,
    `# Train and compare:        npx lacuna sweep ${shellQuote(place.file)}`,
    line(`name: ${quoted(place.name)}`, 'results go to runs/ under this name'),
    ...dataLines(survey, place),
    ...(survey.isStack || survey.images.some(({ depth }) => depth > 1)
      ? [
          line(
            `dimensions: ${dimensions}`,
            volumes
              ? 'the stacks are deep enough to be seen as volumes'
              : 'stacks of few planes: models see plane by plane',
          ),
        ]
      : []),
    ...degradationLines(survey, choices),
    ...splitLines(choices.split, survey),
    'training:',
    line(`  steps: ${volumes ? 300 : 400}`, 'a first impression; raise it (2000 and more) for results'),
    line(`  batch: ${volumes ? 2 : 8}`, 'patches of a step'),
    line(`  patch: ${patchText(choices)}`, 'coarse pixels; fits the smallest training region'),
    line('  optimizer: { learningRate: 0.002 }', 'for small models and few steps'),
    line('  schedule: { kind: cosine, warmup: 20 }', 'the rate falls to the end'),
    line('  validateEvery: 100', 'the best of these is kept'),
    line('  select: { metric: cldice }', 'the network decides which model is kept, not PSNR'),
    'evaluation:',
    line(`  metrics: [${metrics.join(', ')}]`, 'pixels and network'),
    line(`  threshold: ${survey.rule.threshold}`, thresholdReason(survey)),
    line(`  smoothing: ${survey.rule.smoothing}`, 'px before the level, by the noise'),
    line(`  tolerance: ${tolerance}`, 'px within which two centrelines are one: about a branch wide'),
    volumes
      ? line('model: { name: fsrcnn, d: 16, s: 8, m: 3, upsampler: shuffle, skip: bilinear }', 'light, of volumes')
      : line('model: { name: fsrcnn, d: 32, s: 12, m: 4, upsampler: shuffle, skip: bilinear }', 'light'),
    line('regime: { kind: paired }', 'what methods below do not say'),
    ...methodLines(survey, volumes),
    line(
      `seeds: [${seeds.join(', ')}]`,
      choices.split.kind === 'folds' ? 'one for each fold' : 'two runs show how much is chance',
    ),
    '',
  ].join('\n');
}

function dataLines(survey: Survey, { baseDir, manifest }: SpecPlace): string[] {
  const { pairs, images, found } = survey;
  const path = (of: string) => quoted(pathFrom(baseDir, of));
  const isFolder = manifest === null && pairs === null;
  return [
    'data:',
    ...(manifest !== null
      ? [
          line('  source: manifest', 'a list, since not every file is used as the folder has it'),
          line(`  path: ${path(manifest)}`, 'add a column specimen where several images are of one'),
        ]
      : []),
    ...(manifest === null && pairs?.folders
      ? [
          line('  source: pairs', 'measured: the same fields, fine and coarse'),
          line(`  hr: ${path(pairs.folders.hr)}`, 'the fine ones'),
          line(`  lr: ${path(pairs.folders.lr)}`, 'the coarse ones, under the same names'),
        ]
      : []),
    ...(isFolder
      ? [
          line('  source: folder', 'fine images; coarse ones are made of them'),
          line(`  path: ${quoted(imagesPath(survey, baseDir))}`, 'from this file'),
        ]
      : []),
    ...(survey.isStack ? [line('  stack: true', 'neighbouring files look alike: slices of one volume')] : []),
    ...(manifest === null && pairs?.folders ? excludeLines(survey) : []),
    ...(pairs ? alignLine(survey) : []),
    ...channelLine(survey),
    ...(survey.isDark ? [line('  invert: true', `the network is dark (${survey.certainty})`)] : []),
    ...(images.every(({ pixelSize }) => pixelSize === null)
      ? [
          line(
            `  # pixelSize: ${survey.isStack ? '0.1um,0.1um,0.3um' : '0.1um'}`,
            'no file says it: set yours, and lengths get a unit',
          ),
        ]
      : []),
    ...(isFolder && survey.measured.some(({ light }) => light !== null && light.ratio > 1.5)
      ? [line(`  # flatten: ${flattenSigma(images[0])}`, 'subtracts a background of this sigma (px), for uneven light')]
      : []),
    ...(found.groups.length > 1 && isFolder ? ['  # The images of all folders, each image a specimen.'] : []),
  ];
}

/** The folder of the images, or a pattern where they lie in several. */
function imagesPath({ found, folder }: Survey, baseDir: string): string {
  const [{ folder: only }] = found.groups;
  return found.groups.length === 1 ? pathFrom(baseDir, only) : `${pathFrom(baseDir, folder)}/*/*`;
}

/** Pairs that the spec leaves out, since registration would refuse them: none where nothing is registered. */
const leftOutPairs = ({ isAligned, registered }: Survey): readonly RefusedPair[] =>
  isAligned ? (registered?.refused ?? []) : [];

function excludeLines(survey: Survey): string[] {
  const refused = leftOutPairs(survey);
  if (refused.length === 0) return [];
  return [
    line('  exclude:', 'pairs that cannot be registered: a sweep would stop at them'),
    ...refused.map(({ pair, reason }) => line(`    - ${quoted(basename(pair.fine.path))}`, reason)),
  ];
}

function alignLine({ isAligned, registered }: Survey): string[] {
  if (isAligned)
    return [line('  align: true', 'the scans do not lie on each other: shift, scale and drift are undone')];
  const isRefused = registered !== null && registered.refused.length > 0;
  return [
    isRefused && registered.refused.length === registered.tried
      ? line('  align: false', 'no pair can be registered: right only where the scans lie on each other already')
      : line('  align: false', 'the scans lie on each other; true would undo shift, scale and drift'),
  ];
}

function degradationLines({ pairs, noise }: Survey, { factors, kind, photons }: Choices): string[] {
  const { x, y, z } = factors;
  const factor = x === y && z === 1 ? String(x) : `{ x: ${x}, y: ${y}, z: ${z} }`;
  const share = `${Number((100 * noise).toPrecision(2))} %`;
  if (pairs)
    return [
      line(
        `degradation: { kind: ${kind}, factor: ${factor} }`,
        'the factor of the pairs; coarse scans are as measured',
      ),
    ];
  const sigma = z > 1 ? `{ x: ${x / 2}, y: ${y / 2}, z: ${z / 2} }` : '1';
  return [
    'degradation:',
    line(
      `  kind: ${kind}`,
      kind === 'ct' ? 'voxels are as deep as wide, as of CT; else confocal' : 'points are scanned; ct for tomograms',
    ),
    line(`  factor: ${factor}`, 'pixels of the coarse scan are so many times as large'),
    line(`  psfSigmaPx: ${sigma}`, 'blur of the coarse scan, fine px: set what your microscope has'),
    kind === 'ct'
      ? line(
          `  noise: ${Number(Math.min(0.1, Math.max(0.005, noise)).toPrecision(2))}`,
          `as your images have it: ${share} of the contrast`,
        )
      : line(`  photons: ${photons}`, `as noisy as your images, ${share} of the contrast`),
    ...(kind === 'confocal' ? [line('  readNoise: 0.01', 'of the detector')] : []),
  ];
}

function splitLines(split: ChosenSplit, { images: { length: count }, isStack }: Survey): string[] {
  switch (split.kind) {
    case 'specimen':
      return [
        line(
          'split: { kind: specimen, fractions: [0.6, 0.2, 0.2] }',
          `${count} images, whole: what is tested was never trained on`,
        ),
      ];
    case 'folds':
      return [line(`split: { kind: folds, of: ${split.of} }`, `${count} images: each is tested once over the seeds`)];
    case 'blocks':
      return [
        line(
          `split: { kind: blocks, axis: ${split.axis}, fractions: [0.6, 0.2, 0.2], guard: ${split.guard} }`,
          isStack
            ? 'one volume: it is cut, with a band that nobody sees'
            : 'too few images to keep whole ones back: each is cut, with a band that nobody sees',
        ),
      ];
  }
}

function patchText({ patch, dimensions }: Choices): string {
  return dimensions === 3 ? `{ x: ${patch.x}, y: ${patch.y}, z: ${patch.z} }` : String(patch.x);
}

function thresholdReason({ rule }: Survey): string {
  const share = `${Number((100 * rule.share).toPrecision(2))} %`;
  return rule.threshold === 'network'
    ? `the network fills ${share}: Otsu would split the background's noise`
    : `the network fills ${share}, enough for Otsu's level`;
}

function methodLines({ pairs }: Survey, volumes: boolean): string[] {
  const method = (name: string, regime: string, why: string) => [`  ${name}:`, line(`    regime: ${regime}`, why)];
  return [
    'methods:',
    ...method('bicubic', '{ kind: interpolation }', 'what nobody has to learn'),
    ...method('smoothed-bicubic', '{ kind: linear, fit: smoothed-bicubic }', 'what denoising alone gains'),
    ...(pairs
      ? []
      : method('lmmse', '{ kind: linear, fit: lmmse }', 'the best linear filter for the known degradation')),
    ...method('ridge', '{ kind: linear, fit: ridge }', 'the best linear filter for the training pairs'),
    ...method('paired', '{ kind: paired, loss: l1 }', 'a network trained on pixels'),
    ...method(
      'geometry',
      volumes ? '{ kind: geometry, loss: l1, dice: 0, heads: 0 }' : '{ kind: geometry }',
      'the same network, told of the network in the images',
    ),
  ];
}

/** Which channel of images that have several, or of some among grey ones. */
function channelLine({ images, channel }: Survey): string[] {
  const counts = new Set(images.map(({ channels }) => channels));
  if (Math.max(...counts) === 1) return [];
  return [
    line(`  channel: ${channel}`, counts.size === 1 ? 'most contrast over its noise' : 'one that all of them have'),
  ];
}
