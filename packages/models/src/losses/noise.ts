import type { Graph, Tensor } from '../graph/index.js';

/** Noise of a scan in [0, 1]: its variance is intensity / photons + readNoise². */
export interface NoiseModel {
  /** At full intensity; null for no photon noise. */
  readonly photons: number | null;
  readonly readNoise: number;
}

/** The variance of a scan's noise at each pixel, from a scan or what is expected of it. */
export function noiseVariance(g: Graph, scan: Tensor, { photons, readNoise }: NoiseModel): Tensor {
  const light = photons === null ? g.scale(scan, 0) : g.scale(g.relu(scan), 1 / photons);
  return g.shift(light, readNoise ** 2);
}

/** A scan with noise: `normals` is drawn for each of its pixels. Photons are taken as normal, which few are not. */
export function withNoise(g: Graph, scan: Tensor, normals: Tensor, noise: NoiseModel | null): Tensor {
  if (noise === null || (noise.photons === null && noise.readNoise === 0)) return scan;
  // The root has no slope at 0.
  return g.add(scan, g.mul(normals, g.sqrt(g.shift(noiseVariance(g, scan, noise), 1e-12))));
}
