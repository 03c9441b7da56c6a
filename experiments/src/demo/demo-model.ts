import type { KnownLevel } from '../upscale/network-level.js';
import type { UpscaleModel } from '../upscale/open-model.js';

/** What a demo's page knows of its model, beside the ONNX file: JSON. */
export interface DemoModel extends Pick<
  UpscaleModel,
  'label' | 'run' | 'volume' | 'slicing' | 'levels' | 'inverted' | 'lrPixelSize'
> {
  /** Lacuna's version. */
  readonly version: string;
  /** "4", or by axis. */
  readonly factor: string;
  readonly network: {
    /** Sigma in px before the level. */
    readonly smoothing: number;
    /** The level that the model knows in images whose levels are those of training; null where it knows none. */
    readonly level: KnownLevel | null;
    /** The level of the probability that its head gives; null without a head. */
    readonly head: KnownLevel | null;
  };
  /** The training data in a line, and the licence; null where the file does not say them. */
  readonly data: string | null;
  readonly licence: string | null;
}
