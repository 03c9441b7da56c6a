import { transformPlane } from '@lacuna/core';
import { planFft } from './fft.js';

/**
 * Three-dimensional transform of a real volume, [z][y][x], zero frequency first. The real part takes the volume's
 * place.
 */
export function fft3(
  volume: Float64Array,
  width: number,
  height: number,
  depth: number,
): { re: Float64Array; im: Float64Array } {
  const im = new Float64Array(volume.length);
  transformVolume(volume, im, { width, height, depth });
  return { re: volume, im };
}

/**
 * Transform of a complex volume in place: plane by plane, then along z. With the parts exchanged it is the inverse, but
 * for the factor width · height · depth.
 */
export function transformVolume(
  re: Float64Array,
  im: Float64Array,
  { width, height, depth }: { readonly width: number; readonly height: number; readonly depth: number },
): void {
  const size = width * height;
  for (let z = 0; z < depth; z++) {
    const [from, to] = [z * size, (z + 1) * size];
    transformPlane(re.subarray(from, to), im.subarray(from, to), width, height);
  }
  if (depth === 1) return;
  const along = planFft(depth);
  const lineRe = new Float64Array(depth);
  const lineIm = new Float64Array(depth);
  for (let i = 0; i < size; i++) {
    for (let z = 0, at = i; z < depth; z++, at += size) {
      lineRe[z] = re[at];
      lineIm[z] = im[at];
    }
    along.transform(lineRe, lineIm);
    for (let z = 0, at = i; z < depth; z++, at += size) {
      re[at] = lineRe[z];
      im[at] = lineIm[z];
    }
  }
}
