import { InputError } from '@lacuna/core';
import { deviceKinds, type DeviceKind } from '@lacuna/onnx';
import type { NetworkChoice } from './network-options.js';

/** How intensities of an image become the model's [0, 1]. */
export type LevelsChoice = 'auto' | 'model' | 'percentile' | 'range' | { readonly low: number; readonly high: number };

/** What `lacuna upscale` is told besides MODEL, INPUT and OUTPUT. */
export interface UpscaleOptions {
  readonly device: DeviceKind;
  /** Bytes; null leaves half of what is free. */
  readonly memory: number | null;
  readonly threads: number | null;
  readonly selfEnsemble: boolean;
  /** Further models, or `seeds`: those of the same method in MODEL's sweep. */
  readonly uncertainty: readonly string[] | 'seeds' | null;
  readonly compare: string | null;
  readonly levels: LevelsChoice;
  /** Null takes every channel. */
  readonly channel: number | null;
  /** Null does as the model's training data were treated. */
  readonly invert: boolean | null;
  /** The numbers of a network that does not say them itself. */
  readonly range: readonly [number, number] | null;
  readonly force: boolean;
  /** Whether the network of the enlarged image is written as well, and at which level; null for none. */
  readonly network: NetworkChoice | null;
  /** Which model of a sweep or experiment. */
  readonly by: string | null;
  readonly method: string | null;
  readonly trackingUri: string | null;
}

export const defaultOptions: UpscaleOptions = {
  device: 'auto',
  memory: null,
  threads: null,
  selfEnsemble: false,
  uncertainty: null,
  compare: null,
  levels: 'auto',
  channel: null,
  invert: null,
  range: null,
  force: false,
  network: null,
  by: null,
  method: null,
  trackingUri: null,
};

/** "2G", "512M", "1.5 GiB": bytes, in powers of 1024. */
export function parseMemory(text: string): number {
  const match = /^\s*([0-9]*\.?[0-9]+)\s*([KMGT]?)(?:i?B)?\s*$/i.exec(text);
  const bytes = match ? Number(match[1]) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(match[2].toUpperCase()) : NaN;
  if (!(bytes >= 1)) throw new InputError({ who: '--memory', got: text, wanted: 'a size such as 2G or 512M' });
  return Math.floor(bytes);
}

/** "seeds", or models by comma. */
export function parseModels(text: string): readonly string[] | 'seeds' {
  if (text === 'seeds') return text;
  const names = text.split(',').map((name) => name.trim());
  return names.filter((name) => name !== '');
}

/** "0,255". */
export function parseRange(option: string): (text: string) => [number, number] {
  return (text) => {
    const parts = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
    if (parts.length !== 2 || !parts.every(Number.isFinite) || !(parts[1] > parts[0]))
      throw new InputError({
        who: option,
        got: text,
        wanted: 'two numbers, the second larger',
        remedy: `write for example ${option} 0,255`,
      });
    return [parts[0], parts[1]];
  };
}

export function parseLevels(text: string): LevelsChoice {
  if (text === 'auto' || text === 'model' || text === 'percentile' || text === 'range') return text;
  if (!/^[-+0-9.]/.test(text))
    throw new InputError({
      who: '--levels',
      got: text,
      wanted: 'auto, model, percentile, range, or two numbers such as 120,4000',
    });
  const [low, high] = parseRange('--levels')(text);
  return { low, high };
}

export function parseDevice(text: string): DeviceKind {
  const kind = deviceKinds.find((known) => known === text);
  if (!kind) throw new InputError({ who: '--device', got: text, wanted: deviceKinds.join(', ') });
  return kind;
}
