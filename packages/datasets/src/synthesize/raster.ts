/** Grid that a network is drawn on; pixel sides in the network's unit. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly pixel: { readonly x: number; readonly y: number; readonly z: number };
}
