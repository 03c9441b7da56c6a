import { fft2, planFft } from './fft.js';

/**
 * Three-dimensional transform of a real volume, [z][y][x], zero frequency first: plane by plane, then along z. The real
 * part takes the volume's place.
 */
export function fft3(
  volume: Float64Array,
  width: number,
  height: number,
  depth: number,
): { re: Float64Array; im: Float64Array } {
  const size = width * height;
  const re = volume;
  const im = new Float64Array(volume.length);
  for (let z = 0; z < depth; z++) {
    const plane = fft2(volume.subarray(z * size, (z + 1) * size), width, height);
    re.set(plane.re, z * size);
    im.set(plane.im, z * size);
  }
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
  return { re, im };
}
