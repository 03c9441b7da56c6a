import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { InputError, nearestName, parsePixelSize, writeFileAtomic, type PixelSize } from '@lacuna/core';
import { evaluationSpec, metricNames, type MetricName } from '@lacuna/iqa';
import { drawComparedNetworks, renderFigure } from '../figures/index.js';
import { branchColumns, branchRows, comparedNetworks } from '../iqa/compared.js';
import { writeCsv, type Cell } from '../iqa/csv.js';
import { toCsv, toJson, toText } from '../iqa/format.js';
import { measurePairs, type IqaRequest } from '../iqa/measure.js';
import { pairImages, stemOf } from '../iqa/pairs.js';

const defaults = evaluationSpec.parse({});

interface IqaCommandOptions {
  readonly metrics: readonly string[];
  readonly dataRange?: number;
  readonly threshold: IqaRequest['threshold'];
  readonly pixelSize?: PixelSize;
  readonly crop: number;
  readonly channel: IqaRequest['channel'];
  readonly smoothing: number;
  readonly tolerance: number;
  readonly json?: boolean;
  readonly csv?: string;
  readonly branches?: string;
  readonly figures?: string;
}

/** `lacuna iqa REFERENCE ESTIMATE`: metrics of two images, or of two folders of them. */
export function register(program: Command): void {
  program
    .command('iqa')
    .description('measure an image or stack against its reference, or two folders of them matched by name')
    .argument('<paths...>', 'REFERENCE ESTIMATE: two files or two folders')
    .usage('REFERENCE ESTIMATE [options]')
    .option(
      '--metrics <names>',
      `names joined by commas, or all (default: ${defaults.metrics.join(',')}); names: ${metricNames.join(', ')}`,
      collect,
      [],
    )
    .option(
      '--data-range <L>',
      'span of intensities, for example 1, 255 or 4095; needed unless both images have 8 bits',
      number('--data-range', (v) => v > 0, 'a positive number'),
    )
    .option(
      '--threshold <level>',
      "what makes the network's mask: otsu or network (of the reference), a level, or LOW,HIGH for hysteresis",
      parseThreshold,
      defaults.threshold,
    )
    .option(
      '--pixel-size <size>',
      'for example 0.1um, or 0.1um,0.1um,0.3um (x,y,z); default: what the files say',
      parseSize,
    )
    .option(
      '--crop <N>',
      'px cut from each side first',
      number('--crop', (v) => Number.isInteger(v) && v >= 0, 'a whole number of px, 0 or more'),
      defaults.border,
    )
    .option('--channel <c>', 'y (luma of RGB), all, or a number from 0', parseChannel, defaults.channel)
    .option(
      '--smoothing <sigma>',
      'sigma in px of the Gaussian before the threshold',
      number('--smoothing', (v) => v >= 0 && v <= 20, '0 to 20 px'),
      defaults.smoothing,
    )
    .option(
      '--tolerance <px>',
      'px within which two centrelines or surfaces are one',
      number('--tolerance', (v) => v >= 0, 'a number of px, 0 or more'),
      defaults.tolerance,
    )
    .option('--json', 'print JSON: { protocol, images, summary }')
    .option('--csv <file>', 'write a line for each image and metric')
    .option(
      '--branches <file>',
      'write a CSV line for each branch found, missed or invented: length, width, intensity, contrast, place',
    )
    .option(
      '--figures <folder>',
      'draw both networks of each pair there: branches found, missed and invented, recall of weak ones, ' +
        'distributions, attack curves (SVG, PDF, PNG)',
    )
    .action(async (given: readonly string[], options: IqaCommandOptions) => {
      const { paths, metrics } = sortArguments(given, options.metrics);
      const pairs = pairImages(paths[0], paths[1]);
      const { dataRange, pixelSize, threshold, channel, crop, smoothing, tolerance } = options;
      const branches: Cell[][] = [[...branchColumns]];
      const result = await measurePairs(
        pairs,
        {
          metrics,
          threshold,
          border: crop,
          channel,
          smoothing,
          tolerance,
          ...(dataRange === undefined ? {} : { dataRange }),
          ...(pixelSize === undefined ? {} : { pixelSize }),
        },
        async (pair, evaluation, size) => {
          if (options.branches !== undefined) for (const row of branchRows(pair.name, evaluation)) branches.push(row);
          if (options.figures !== undefined)
            await renderFigure(drawComparedNetworks(comparedNetworks(pair.name, evaluation, size)), {
              outDir: options.figures,
              name: `networks-${stemOf(pair.reference)}${pair.frame === undefined ? '' : `-${pair.frame}`}`,
            });
        },
      );
      if (options.branches !== undefined) writeFileAtomic(options.branches, writeCsv(branches));
      if (options.csv !== undefined) writeFileAtomic(options.csv, toCsv(result, metrics));
      if (options.json) process.stdout.write(toJson(result, metrics));
      else console.log(toText(result, metrics));
    });
}

const collect = (value: string, before: readonly string[]): string[] => [
  ...before,
  ...value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
];

/** `--metrics psnr ssim A B` reads as people mean it: what names a metric and no file is one. */
function sortArguments(
  given: readonly string[],
  asked: readonly string[],
): { paths: readonly [string, string]; metrics: readonly MetricName[] } {
  const isMetric = (word: string): boolean =>
    asked.length > 0 && (metricNames as readonly string[]).includes(word) && !existsSync(word);
  const paths = given.filter((word) => !isMetric(word));
  const [reference, estimate] = paths;
  if (reference === undefined || estimate === undefined || paths.length > 2) {
    throw new InputError({
      who: 'iqa',
      got: paths.length === 1 ? `only ${paths[0]}` : `${paths.length} paths (${paths.join(', ')})`,
      wanted: 'two: REFERENCE ESTIMATE',
      remedy: 'names of metrics are joined by commas: --metrics psnr,ssim',
    });
  }
  return {
    paths: [reference, estimate],
    metrics: chosenMetrics([...asked, ...given.filter(isMetric)]),
  };
}

function chosenMetrics(named: readonly string[]): readonly MetricName[] {
  if (named.length === 0) return defaults.metrics;
  const names = named.filter((word) => word !== 'all').map(metricName);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new InputError({
      who: '--metrics',
      got: `${twice} twice`,
      wanted: 'each metric once',
      remedy: `--metrics ${[...new Set(names)].join(',')}`,
    });
  return named.includes('all') ? metricNames : names;
}

function metricName(word: string): MetricName {
  const name = metricNames.find((known) => known === word);
  if (name !== undefined) return name;
  const near = nearestName(word, [...metricNames, 'all']);
  throw new InputError({
    who: '--metrics',
    got: JSON.stringify(word),
    wanted: `all, or some of ${metricNames.join(', ')}`,
    ...(near === undefined ? {} : { remedy: `did you mean ${near}?` }),
  });
}

function number(option: string, accepts: (value: number) => boolean, wanted: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (!Number.isFinite(value) || !accepts(value))
      throw new InputError({ who: option, got: JSON.stringify(text), wanted });
    return value;
  };
}

function parseThreshold(text: string): IqaRequest['threshold'] {
  if (text === 'otsu' || text === 'network') return text;
  const levels = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [low, high] = levels;
  if (levels.length <= 2 && levels.every(Number.isFinite)) {
    if (high === undefined) return low;
    if (low <= high) return { low: low, high };
  }
  throw new InputError({
    who: '--threshold',
    got: JSON.stringify(text),
    wanted: 'otsu, network, a level, or LOW,HIGH with LOW <= HIGH',
  });
}

/** One length is that of all axes, also across the planes of a stack. */
function parseSize(text: string): PixelSize {
  try {
    const size = parsePixelSize(text);
    return text.includes(',') ? size : { ...size, z: size.x };
  } catch (error) {
    if (error instanceof InputError) throw new InputError({ ...error.parts, who: '--pixel-size' }, { cause: error });
    throw error;
  }
}

function parseChannel(text: string): IqaRequest['channel'] {
  if (text === 'y' || text === 'all') return text;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isInteger(value)) return value;
  throw new InputError({ who: '--channel', got: JSON.stringify(text), wanted: 'y, all or a number from 0' });
}
