import { InputError, convertLength, type PixelSize } from '@lacuna/core';
import type { OpticsSpec } from './spec.js';

/** Full width at half maximum of a Gaussian of sigma 1. */
export const FWHM = 2 * Math.sqrt(2 * Math.LN2);

/** First zero of J1: the radius of the Airy disc in optical units v = 2π NA r / λ. */
const AIRY = 3.83170597020751;

/** Sigma of a PSF along and across the optical axis, in nm. */
export interface PsfWidths {
  readonly lateral: number;
  readonly axial: number;
}

/**
 * Gaussian approximation of a confocal PSF, h = h_ex · (h_em ⊛ pinhole), in nm.
 *
 *     lateral  σ_ex = 0.51 λ / NA / 2.355                        axial  σ_ex = 0.88 λ / (n - √(n² - NA²)) / 2.355
 *     1/σ²     = 1/σ_ex² + w(pinhole) / σ_em²
 *
 * The widths of one pass through the objective are those of Wilhelm et al., *Confocal Laser Scanning Microscopy*
 * (Zeiss); w, from 1 for a point to 0 where the pinhole is wide, is the curvature of the detection PSF at its centre
 * against that of a point, in the scalar paraxial theory that Zhang, Zerubia & Olivo-Marin use (Appl. Opt. 46, 1819,
 * 2007): {@link lateralDetection}, {@link axialDetection}. At 1 Airy unit the lateral width is that of the excitation
 * alone.
 */
export function confocalPsf(optics: OpticsSpec): PsfWidths {
  const { numericalAperture: na, refractiveIndex: n, wavelengthNm, pinholeAiry } = optics;
  const emissionNm = optics.emissionNm ?? wavelengthNm;
  const lateral = (wavelength: number) => (0.51 * wavelength) / na / FWHM;
  const axial = (wavelength: number) => (0.88 * wavelength) / (n - Math.sqrt(n * n - na * na)) / FWHM;
  const both = (width: (wavelength: number) => number, weight: number) =>
    1 / Math.sqrt(1 / width(wavelengthNm) ** 2 + weight / width(emissionNm) ** 2);
  const radius = pinholeAiry * AIRY;
  return { lateral: both(lateral, lateralDetection(radius)), axial: both(axial, axialDetection(radius)) };
}

/**
 * 4 J1(c) J2(c) / (c (1 - J0² - J1²)), at least 0: the Airy disc seen through a pinhole of radius c in optical units.
 */
function lateralDetection(c: number): number {
  if (c < 1e-3) return 1;
  if (c >= AIRY) return 0;
  const j0 = bessel(0, c);
  const j1 = bessel(1, c);
  const j2 = bessel(2, c);
  return Math.max(0, (4 * j1 * j2) / (c * (1 - j0 * j0 - j1 * j1)));
}

/**
 * Along the axis h(v, u) = 2 ∫ J0(vρ) exp(iuρ²/2) ρ dρ, so |h|² = A² - u² (2AD - B²) + ... with A = 2∫J0ρ, B = ∫J0ρ³,
 * D = ∫J0ρ⁵ / 4 over the pupil. The light through the pinhole is its integral over v < c; 48 makes a point's curvature
 * 1.
 */
function axialDetection(c: number): number {
  if (c < 1e-3) return 1;
  const steps = 64;
  const pupil = 64;
  let curvature = 0;
  let light = 0;
  for (let i = 0; i < steps; i++) {
    const v = ((i + 0.5) * c) / steps;
    let a = 0;
    let b = 0;
    let d = 0;
    for (let k = 0; k < pupil; k++) {
      const rho = (k + 0.5) / pupil;
      const j0 = bessel(0, v * rho) / pupil;
      a += 2 * j0 * rho;
      b += j0 * rho ** 3;
      d += (j0 * rho ** 5) / 4;
    }
    curvature += (2 * a * d - b * b) * v;
    light += a * a * v;
  }
  return Math.min(1, Math.max(0, (48 * curvature) / light));
}

/**
 * J_n(x) = 1/π ∫ cos(nτ - x sin τ) dτ over [0, π]; the trapezoidal sum of a periodic function converges faster than any
 * power.
 */
function bessel(n: number, x: number): number {
  const steps = 32 + Math.ceil(Math.abs(x));
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const tau = ((i + 0.5) * Math.PI) / steps;
    sum += Math.cos(n * tau - x * Math.sin(tau));
  }
  return sum / steps;
}

/**
 * A width in nm in the pixels of each axis; z is null where the image does not say its spacing.
 * @throws {InputError} without a pixel size.
 */
export function inPixels(
  { lateral, axial }: PsfWidths,
  pixelSize: PixelSize | null,
  who: string,
): { x: number; y: number; z: number | null } {
  if (!pixelSize)
    throw new InputError({
      who,
      got: 'optics without a pixel size',
      wanted: 'the pixel size in the file or in data.pixelSize',
      remedy: 'or give degradation.psfSigmaPx',
    });
  const side = (value: number) => {
    if (!(value > 0) || !Number.isFinite(value))
      throw new InputError({
        who,
        got: `a pixel size of ${value} ${pixelSize.unit}`,
        wanted: 'a positive length',
        remedy: 'say the true one in data.pixelSize',
      });
    return convertLength(value, pixelSize.unit, 'nm');
  };
  return {
    x: lateral / side(pixelSize.x),
    y: lateral / side(pixelSize.y),
    z: pixelSize.z === undefined ? null : axial / side(pixelSize.z),
  };
}
