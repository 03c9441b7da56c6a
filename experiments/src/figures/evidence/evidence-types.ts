import type { PixelSize } from '@lacuna/core';
import type { FigureImage } from '../types.js';

/** A branch as a line, and the number of its own that it is coloured by. */
export interface ValuedLine {
  /** Through the centres of its pixels, in px of the image: x0, y0, x1, y1, ... */
  readonly points: readonly number[];
  /** 0..1; null where it has none. */
  readonly value: number | null;
}

/** One picture of a figure of evidence: an image and, over its greys, branches. Volumes are seen along z. */
export interface EvidenceCell {
  readonly heading: string;
  readonly note: string;
  readonly image: FigureImage;
  /** Intensities that the image is drawn between. */
  readonly window: readonly [number, number];
  /** Drawn as {@link divergingColours} are: white at 0, blue above, vermillion below; the window is even about 0. */
  readonly signed?: true;
  /** Of a pixel of the image; null when unknown. */
  readonly pixelSize: PixelSize | null;
  /** Branches in the colours of a number; none in a picture of the image alone. */
  readonly lines?: readonly ValuedLine[];
  /** What 0 means, and what 1: the ends of the colour bar. Left out where lines have one colour. */
  readonly ends?: readonly [from: string, to: string];
}

/** Pictures of one image, of its network by what speaks for it, and of what a model makes of other inputs. */
export interface EvidenceData {
  readonly title: string;
  readonly note: string;
  readonly cells: readonly EvidenceCell[];
}

/** Branches of one range of doubt. */
export interface DrawnDoubt {
  readonly label: string;
  /** Share of false ones; null where there is no branch. */
  readonly share: number | null;
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly wrong: number;
}

/** The calibration curve of doubt. */
export interface DoubtCurveData {
  readonly title: string;
  readonly note: string;
  readonly bins: readonly DrawnDoubt[];
  /** Share of false ones of all branches. */
  readonly overall: number;
}

/** Conformal control of false branches by the level. */
export interface RiskCurveData {
  readonly title: string;
  readonly note: string;
  readonly alpha: number;
  /** The chosen one. */
  readonly level: number;
  readonly points: readonly { readonly level: number; readonly meanLoss: number; readonly bound: number | null }[];
}

/** One filter of a first layer, and its share of the layer's energy on an image. */
export interface FirstFilter {
  /** Of a plane one, of a volume its cuts: xy, xz, yz. */
  readonly pictures: readonly FigureImage[];
  readonly energy: number;
  /** What it answers to, in a few words. */
  readonly answers: string;
}

/** The filters of a first layer, in the order in which they are drawn. */
export interface FirstLayerData {
  readonly title: string;
  readonly note: string;
  readonly filters: readonly FirstFilter[];
}
