import { InputError, convertLength, type Image, type PixelSize, type Rng } from '@lacuna/core';
import { filterPlanes, gaussianBlur, gaussianKernel, type Kernel } from '../separable.js';
import { imresize } from './imresize.js';
import type { DegradationSpec } from './spec.js';

/**
 * Sigma of a confocal PSF in the image plane: 0.21 λ / NA (Zhang, Zerubia & Olivo-Marin 2007, the widefield Gaussian), divided by
 * √2 for the confocal product of excitation and detection. In HR pixels.
 */
export function confocalSigmaPx(optics: { numericalAperture: number; wavelengthNm: number }, pixelSize: PixelSize | null, who: string): number {
  if (!pixelSize) throw new InputError({ who, got: 'optics without a pixel size', wanted: 'the pixel size in the file or in data.pixelSize', remedy: 'or give degradation.psfSigmaPx' });
  const sigmaNm = (0.21 * optics.wavelengthNm) / optics.numericalAperture / Math.SQRT2;
  return sigmaNm / convertLength(pixelSize.x, pixelSize.unit, 'nm');
}

/**
 * The linear part of a degradation along one axis, for LR pixel i: sum over k of kernel[k] · HR[i·factor + offset + k].
 * All kernels are centred on the coarse pixel, (factor - 1) / 2 HR pixels from its first: flips and enlargements on centred grids agree.
 */
export function forwardKernel(spec: DegradationSpec, pixelSize: PixelSize | null = null): Kernel {
  const { factor } = spec, centre = (factor - 1) / 2;
  if (spec.kind === 'confocal') return gaussianKernel(psfSigma(spec, pixelSize), centre);
  if (spec.kind === 'ct') return convolve(gaussianKernel(spec.psfSigmaPx), { kernel: new Array<number>(factor).fill(1 / factor), offset: 0 });
  const reach = 2 * factor, from = Math.ceil(centre - reach), raw: number[] = [];
  for (let k = from; k <= centre + reach; k++) raw.push(keys((k - centre) / factor));
  const sum = raw.reduce((total, value) => total + value, 0);
  return { kernel: raw.map((value) => value / sum), offset: from };
}

function psfSigma(spec: Extract<DegradationSpec, { kind: 'confocal' }>, pixelSize: PixelSize | null): number {
  if (spec.psfSigmaPx !== undefined) return spec.psfSigmaPx;
  return spec.optics ? confocalSigmaPx(spec.optics, pixelSize, 'degradation confocal') : 1;
}

function keys(t: number): number {
  const x = Math.abs(t);
  if (x <= 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
  return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
}

function convolve(a: Kernel, b: Kernel): Kernel {
  const kernel = new Array<number>(a.kernel.length + b.kernel.length - 1).fill(0);
  a.kernel.forEach((p, i) => b.kernel.forEach((q, k) => { kernel[i + k]! += p * q; }));
  return { kernel, offset: a.offset + b.offset };
}

/**
 * A coarse image of a fine one, with noise. The fine image is normalised ([0, 1]); the result can leave [0, 1] by its noise.
 * @throws {InputError} if the factor does not divide the size.
 */
export function degrade(hr: Image, spec: DegradationSpec, rng: Rng): Image {
  const { factor } = spec;
  if (hr.width % factor !== 0 || hr.height % factor !== 0) {
    throw new InputError({ who: `degrade ${hr.name}`, got: `${hr.width} x ${hr.height} with factor ${factor}`, wanted: `a size divisible by ${factor}`, remedy: `crop to ${hr.width - (hr.width % factor)} x ${hr.height - (hr.height % factor)}` });
  }
  const clean = spec.kind === 'bicubic' ? imresize(hr, 1 / factor) : filterPlanes(hr, forwardKernel(spec, hr.pixelSize), factor);
  const pixelSize = hr.pixelSize ? { ...hr.pixelSize, x: hr.pixelSize.x * factor, y: hr.pixelSize.y * factor } : null;
  return addNoise({ ...clean, pixelSize }, spec, rng);
}

function addNoise(image: Image, spec: DegradationSpec, rng: Rng): Image {
  const data = image.data.slice();
  if (spec.kind === 'confocal') {
    const { photons, readNoise, background } = spec;
    for (let i = 0; i < data.length; i++) {
      const light = Math.max(0, data[i]!) + background;
      data[i] = (photons === null ? light : rng.poisson(photons * light) / photons) + readNoise * rng.normal() - background;
    }
  } else if (spec.kind === 'bicubic') {
    if (spec.noise > 0) for (let i = 0; i < data.length; i++) data[i]! += spec.noise * rng.normal();
  } else {
    const noise = correlatedNoise(image, spec.noiseSigmaPx, rng);
    for (let i = 0; i < data.length; i++) data[i]! += spec.noise * noise.data[i]!;
    if (spec.rings > 0) addRings(image, data, spec.rings, rng.fork('rings'));
  }
  return { ...image, data };
}

/** Gaussian noise of unit variance whose neighbours are correlated by a Gaussian of the given sigma. */
function correlatedNoise(image: Image, sigma: number, rng: Rng): Image {
  const white = { ...image, data: Float32Array.from({ length: image.data.length }, () => rng.normal()) };
  if (sigma === 0) return white;
  const { kernel } = gaussianKernel(sigma);
  const gain = kernel.reduce((sum, value) => sum + value * value, 0);
  const blurred = gaussianBlur(white, sigma);
  return { ...blurred, data: blurred.data.map((value) => value / gain) };
}

/** Rings about the centre: a detector element that reads too much or too little draws a circle in the reconstruction. */
function addRings(image: Image, data: Float32Array, strength: number, rng: Rng): void {
  const { width, height, depth, channels } = image, centreX = (width - 1) / 2, centreY = (height - 1) / 2;
  const offsets = Float32Array.from({ length: Math.ceil(Math.hypot(centreX, centreY)) + 2 }, () => (rng.uniform() < 0.2 ? strength * rng.normal() : 0));
  for (let i = 0; i < width * height * depth; i++) {
    const x = i % width, y = Math.floor(i / width) % height;
    const offset = offsets[Math.round(Math.hypot(x - centreX, y - centreY))]!;
    for (let c = 0; c < channels; c++) data[i * channels + c]! += offset;
  }
}

/** Enlarges an LR image by a whole factor on centred grids: what the bicubic baseline gives, and what GANs on the HR grid take. */
export function enlarge(lr: Image, factor: number, method: 'nearest' | 'bicubic' | 'bilinear'): Image {
  if (method === 'bicubic') return imresize(lr, factor);
  const { width, height, depth, channels } = lr;
  const outWidth = width * factor, outHeight = height * factor;
  const data = new Float32Array(outWidth * outHeight * depth * channels);
  const weights = (length: number, i: number): [number, number, number] => {
    if (method === 'nearest') return [Math.floor(i / factor), Math.floor(i / factor), 0];
    const at = Math.min(length - 1, Math.max(0, (i + 0.5) / factor - 0.5)), low = Math.floor(at);
    return [low, Math.min(length - 1, low + 1), at - low];
  };
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < outHeight; y++) {
      const [top, bottom, v] = weights(height, y);
      for (let x = 0; x < outWidth; x++) {
        const [left, right, u] = weights(width, x);
        for (let c = 0; c < channels; c++) {
          const at = (row: number, column: number) => lr.data[((z * height + row) * width + column) * channels + c]!;
          data[((z * outHeight + y) * outWidth + x) * channels + c] = (1 - v) * ((1 - u) * at(top, left) + u * at(top, right)) + v * ((1 - u) * at(bottom, left) + u * at(bottom, right));
        }
      }
    }
  }
  const pixelSize = lr.pixelSize ? { ...lr.pixelSize, x: lr.pixelSize.x / factor, y: lr.pixelSize.y / factor } : null;
  return { ...lr, data, width: outWidth, height: outHeight, pixelSize };
}
