import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { appendWhole } from '@lacuna/core';

/** One point of a curve. `time` is in ms since 1970. */
export interface MetricPoint {
  readonly step: number;
  readonly time: number;
  readonly name: string;
  readonly value: number;
}

/**
 * A trial's curves on disk, one JSON line a point: what the figures draw from, and what tracking is filled from.
 *
 * A resumed trial runs again the steps after its checkpoint and gets the same values. Points that stand here
 * already are not written again, and keep their first time, so that a curve is the same with and without a kill.
 */
export class MetricsLog {
  private readonly path: string;
  private readonly lastStep = new Map<string, number>();
  private readonly known: MetricPoint[];

  constructor(path: string) {
    this.path = path;
    this.known = readMetrics(path, { repair: true });
    for (const point of this.known)
      this.lastStep.set(point.name, Math.max(point.step, this.lastStep.get(point.name) ?? -1));
  }

  /** What an earlier process of this trial wrote. */
  get earlier(): readonly MetricPoint[] {
    return this.known;
  }

  /** Appends the points that are new and returns just those. NaN and infinities are kept as text. */
  append(step: number, values: Readonly<Record<string, number>>, time = Date.now()): MetricPoint[] {
    const fresh: MetricPoint[] = [];
    for (const [name, value] of Object.entries(values)) {
      if (step <= (this.lastStep.get(name) ?? -1)) continue;
      this.lastStep.set(name, step);
      fresh.push({ step, time, name, value });
    }
    if (fresh.length > 0) appendWhole(this.path, fresh.map((point) => `${encodePoint(point)}\n`).join(''));
    return fresh;
  }

  /** Forces what was appended to the disk. */
  sync(): void {
    if (!existsSync(this.path)) return;
    const file = openSync(this.path, 'r+');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}

/** A point as its line in the file. */
export function encodePoint(point: MetricPoint): string {
  return JSON.stringify(Number.isFinite(point.value) ? point : { ...point, value: String(point.value) });
}

/**
 * Reads a trial's curves. A torn last line (the process died while writing) is left out; `repair` cuts it off the file.
 */
export function readMetrics(path: string, options: { repair?: boolean } = {}): MetricPoint[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (options.repair && whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const point = JSON.parse(line) as MetricPoint;
      return { ...point, value: Number(point.value) };
    });
}

/** Values that there are: a metric that is undefined for every image has none. */
export function definedValues(values: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== null));
}

/** Defined values under the names of their curves: `train/loss`, `validation/psnr`. */
export function withPrefix(
  prefix: 'train' | 'validation',
  values: Readonly<Record<string, number | null>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(definedValues(values)).map(([name, value]) => [`${prefix}/${name}`, value]));
}
