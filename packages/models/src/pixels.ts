/** A plane, or a volume where `depth` is more than 1, of `channels` interleaved values in [0, 1]. */
export interface Pixels {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly channels: number;
  /** Probability of network at each pixel, of what a model with a head for it made. */
  readonly network?: Float32Array;
}
