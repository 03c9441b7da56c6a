import type { LevelsChoice } from '../../src/upscale/options.js';
import type { Dropped } from './dropped.js';

/** Where the model runs; `auto` is WebGPU where the browser offers it. */
export type DeviceChoice = 'auto' | 'webgpu' | 'wasm';

/** What a user chooses before an image is enlarged. */
export interface EnlargeChoice {
  readonly levels: LevelsChoice;
  /** Null takes all channels. */
  readonly channel: number | null;
  /** Null does as training did. */
  readonly invert: boolean | null;
  readonly time: number;
  /** Bytes for tiles. */
  readonly room: number;
}

/** From the page to its worker. */
export type Request =
  | { readonly kind: 'start'; readonly device: DeviceChoice }
  | { readonly kind: 'open'; readonly dropped: Dropped }
  | { readonly kind: 'enlarge'; readonly choice: EnlargeChoice }
  /** A level in the numbers of the enlarged image; null for the one that the model knows. */
  | { readonly kind: 'network'; readonly level: number | 'otsu' | null }
  | { readonly kind: 'plane'; readonly z: number }
  | { readonly kind: 'save'; readonly what: SavedFile };

/** What can be saved. */
export type SavedFile = 'image' | 'mask' | 'centreline' | 'graphml' | 'json' | 'swc' | 'branches';

/** What is known of an image before it is enlarged. */
export interface OpenedImage {
  readonly name: string;
  /** "512 x 512, uint8, 0.2 µm a pixel". */
  readonly text: string;
  readonly channels: number;
  readonly frames: number;
  readonly notes: readonly string[];
}

/** One number of the network. */
export interface NetworkFigure {
  readonly name: string;
  readonly value: string;
}

/** A branch as the page draws it, and its numbers. */
export interface ShownBranch {
  readonly id: number;
  readonly isWeak: boolean;
  /** x, y, z of its pixels in turn, SR pixels. */
  readonly pixels: Int32Array;
  readonly text: string;
}

/** A network as the page shows it. */
export interface ShownNetwork {
  readonly level: number;
  readonly origin: string;
  readonly figures: readonly NetworkFigure[];
  readonly branches: readonly ShownBranch[];
  /** x, y, z of free ends and of junctions, SR pixels. */
  readonly ends: Float32Array;
  readonly junctions: Float32Array;
}

/** A plane of grey levels, 0 to 255. */
export interface ShownPlane {
  readonly z: number;
  readonly width: number;
  readonly height: number;
  /** SR pixels for one that is shown, along a side: 1, or more for planes that are too large for a canvas. */
  readonly reduced: number;
  readonly sr: Uint8ClampedArray<ArrayBuffer>;
  /** The LR plane, enlarged by bicubic interpolation. */
  readonly bicubic: Uint8ClampedArray<ArrayBuffer>;
}

/** From the worker to its page. */
export type Answer =
  | { readonly kind: 'ready'; readonly device: string; readonly notes: readonly string[] }
  | { readonly kind: 'opened'; readonly image: OpenedImage }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly text: string }
  | { readonly kind: 'enlarged'; readonly text: string; readonly depth: number; readonly notes: readonly string[] }
  | { readonly kind: 'network'; readonly network: ShownNetwork; readonly notes: readonly string[] }
  | { readonly kind: 'plane'; readonly plane: ShownPlane }
  | { readonly kind: 'saved'; readonly name: string; readonly blob: Blob }
  /** One message for people; `fatal` where no model runs. */
  | { readonly kind: 'failed'; readonly message: string; readonly fatal: boolean };
