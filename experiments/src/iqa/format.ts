import { metricOf, type MetricName } from '@lacuna/iqa';
import { renderTable } from '@lacuna/sweep';
import { writeCsv, type Cell } from './csv.js';
import type { ImageScores, IqaResult } from './measure.js';
import { metricUnit } from './metric-unit.js';

/** A metric over all images. Images without a finite value count in `images` of no mean. */
interface MetricSummary {
  readonly mean: number | null;
  readonly median: number | null;
  readonly standardDeviation: number | null;
  /** How many images have a value. */
  readonly images: number;
  /** How many of them have no network in either image: overlaps count 1 there, distances 0. */
  readonly bothEmpty: number;
}

/** Mean, median and sample standard deviation of each metric over the images that have a finite value. */
function summarise(result: IqaResult, metrics: readonly MetricName[]): Record<string, MetricSummary> {
  return Object.fromEntries(
    metrics.map((name): [string, MetricSummary] => {
      const values = result.images
        .map((image) => image.metrics[name])
        .filter((v): v is number => typeof v === 'number' && Number.isFinite(v))
        .sort((a, b) => a - b);
      const n = values.length;
      const bothEmpty = result.images.filter(({ remarks }) => remarks[name] === 'both empty').length;
      if (n === 0) return [name, { mean: null, median: null, standardDeviation: null, images: 0, bothEmpty }];
      const mean = values.reduce((sum, v) => sum + v, 0) / n;
      const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
      return [
        name,
        {
          mean,
          median: (values[(n - 1) >> 1] + values[n >> 1]) / 2,
          standardDeviation: n > 1 ? Math.sqrt(squares / (n - 1)) : null,
          images: n,
          bothEmpty,
        },
      ];
    }),
  );
}

/**
 * `{ protocol, images: [{ name, metrics, reasons, notes, pairRemarks, reference }], summary }`: a metric without a
 * finite value is null, with its reason in `reasons`.
 */
export function toJson(result: IqaResult, metrics: readonly MetricName[]): string {
  const images = result.images.map((image) => {
    const values: Record<string, number | null> = {};
    const reasons: Record<string, string> = {};
    const notes: Record<string, string> = {};
    const reference: Record<string, number | null> = {};
    for (const name of metrics) {
      const reason = reasonOf(image, name);
      const remark = image.remarks[name];
      values[name] = reason === null ? image.metrics[name]! : null;
      if (reason !== null) reasons[name] = reason;
      else if (remark !== undefined) notes[name] = remark;
      if (name in image.reference) reference[name] = image.reference[name] ?? null;
    }
    return { name: image.name, metrics: values, reasons, notes, pairRemarks: image.pairRemarks, reference };
  });
  return `${JSON.stringify({ protocol: result.protocol, images, summary: summarise(result, metrics) }, null, 2)}\n`;
}

/** One line for each image and metric. */
export function toCsv(result: IqaResult, metrics: readonly MetricName[]): string {
  const lines: Cell[][] = [['image', 'metric', 'value', 'unit', 'reference', 'remark']];
  for (const image of result.images) {
    for (const name of metrics) {
      const reason = reasonOf(image, name);
      lines.push([
        image.name,
        name,
        reason === null ? image.metrics[name] : null,
        unitOf(result, image, name),
        image.reference[name],
        reason ?? image.remarks[name],
      ]);
    }
  }
  return writeCsv(lines);
}

/**
 * For people: a row a metric for one pair, a row an image for several; below, the protocol and why values are missing.
 */
export function toText(result: IqaResult, metrics: readonly MetricName[]): string {
  const { images } = result;
  const [first] = images;
  const body = images.length === 1 ? onePair(result, first, metrics) : manyPairs(result, metrics);
  const remarks =
    images.length === 1
      ? []
      : images.flatMap((image) =>
          metrics
            .filter((name) => (reasonOf(image, name) ?? image.remarks[name]) !== undefined)
            .map((name) => `${image.name}: ${name}: ${reasonOf(image, name) ?? image.remarks[name]}`),
        );
  const shown =
    remarks.length > 12 ? [...remarks.slice(0, 12), `and ${remarks.length - 12} more (--json has all)`] : remarks;
  const { id, version: _, ...protocol } = result.protocol;
  const settings = Object.entries(protocol)
    .map(([key, value]) => `${key} ${settingText(value)}`)
    .join(', ');
  const pairs = [...images.flatMap(pairLines), ...emptyLines(result, metrics)];
  return [
    body,
    ...(pairs.length ? ['', ...pairs] : []),
    ...(shown.length ? ['', ...shown] : []),
    '',
    `protocol ${String(id)}: ${settings}`,
  ].join('\n');
}

/** What is said of a pair as a whole. */
const pairLines = ({ name, pairRemarks }: ImageScores): string[] => pairRemarks.map((remark) => `${name}: ${remark}`);

/** Says of means over several pairs that some of them have no network in either image. */
function emptyLines(result: IqaResult, metrics: readonly MetricName[]): string[] {
  if (result.images.length === 1) return [];
  const summary = summarise(result, metrics);
  return metrics
    .filter((name) => summary[name].bothEmpty > 0)
    .map((name) => {
      const { bothEmpty, images } = summary[name];
      const counts = metricOf(name).better === 'higher' ? 1 : 0;
      return `mean of ${name}: ${bothEmpty} of ${images} pairs have no network in either image and count ${counts}`;
    });
}

function settingText(value: unknown): string {
  if (value === null) return 'unknown';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function onePair(result: IqaResult, image: ImageScores, metrics: readonly MetricName[]): string {
  const own = metrics.some((name) => name in image.reference);
  const rows = metrics.map((name) => ({ name, ...metricOf(name) }));
  type Row = (typeof rows)[number];
  return renderTable<Row>(rows, [
    { title: 'metric', align: 'left', text: ({ name }) => name },
    { title: 'value', text: ({ name }) => digits(image.metrics[name]) },
    ...(own
      ? [
          {
            title: 'reference',
            text: ({ name }: Row) => (name in image.reference ? digits(image.reference[name]) : ''),
          },
        ]
      : []),
    { title: 'unit', align: 'left', text: ({ name }) => unitOf(result, image, name) },
    { title: 'better', align: 'left', text: ({ better }) => (better === 'reference' ? 'near the reference' : better) },
    { title: 'remark', align: 'left', text: ({ name }) => image.remarks[name] ?? '' },
  ]);
}

function manyPairs(result: IqaResult, metrics: readonly MetricName[]): string {
  const summary = summarise(result, metrics);
  const rows = [
    ...result.images.map((image) => ({ name: image.name, of: (name: MetricName) => image.metrics[name] })),
    { name: 'mean', of: (name: MetricName) => summary[name].mean },
  ];
  return renderTable<(typeof rows)[number]>(rows, [
    { title: 'image', align: 'left', text: ({ name }) => name },
    ...metrics.map((name) => ({ title: name, text: (row: (typeof rows)[number]) => digits(row.of(name)) })),
  ]);
}

/** Why a value cannot be written as a number; null where it can. */
function reasonOf(image: ImageScores, name: MetricName): string | null {
  const value = image.metrics[name];
  const remark = image.remarks[name];
  if (typeof value === 'number' && Number.isFinite(value)) return null;
  if (typeof value === 'number') return remark === undefined ? 'infinite' : `infinite: ${remark}`;
  return remark ?? 'undefined for this pair';
}

function unitOf({ pixelSize }: IqaResult, { volume }: ImageScores, name: MetricName): string {
  return metricUnit(name, { volume, length: pixelSize?.unit ?? null });
}

function digits(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
}
