import type { Lamellae } from './lacunae.js';
import type { Body, Extent } from './network.js';
import type { Vector } from './vector.js';

/** What canaliculi depend on; lengths in µm. */
export interface CanaliculiGrowth {
  readonly extent: Extent;
  readonly planar: boolean;
  readonly step: number;
  /** The smallest gap between tubes that do not touch. */
  readonly gap: number;
  readonly lamellae: Lamellae;
  readonly bodies: readonly Body[];
  /** A canal along z that canaliculi open into. */
  readonly canal: { readonly centre: Vector; readonly radius: number } | null;
  readonly perLacuna: { readonly mean: number; readonly deviation: number };
  readonly length: { readonly mean: number; readonly deviation: number };
  readonly radialDiameter: { readonly mean: number; readonly deviation: number };
  readonly equatorialDiameter: { readonly mean: number; readonly deviation: number };
  /** Chance that a canaliculus that meets another goes on behind the junction. */
  readonly passing: number;
  /** Links that start, for each µm of canaliculus, and how far they reach. */
  readonly linksPerMicrometre: number;
  readonly linkReach: number;
  /** Share of links that end blind. */
  readonly blind: number;
}
