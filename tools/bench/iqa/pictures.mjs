/** A smooth random network of about a fifth of the image, and the same with noise. */
export function makePair(width, height, depth) {
  let state = 12345;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const waves = Array.from({ length: 24 }, () => [
    random() - 0.5,
    random() - 0.5,
    depth > 1 ? random() - 0.5 : 0,
    random() * 6.28,
  ]);
  const a = new Float32Array(width * height * depth);
  const b = new Float32Array(a.length);
  // cos(ux + vy + wz + p) by rotation from pixel to pixel: 24 cosines for each of 256³ voxels would take longer than
  // the benchmark.
  for (let z = 0, i = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const row = i;
      const sums = new Float64Array(width);
      for (const [u, v, w, p] of waves) {
        let c = Math.cos(0.7 * (v * y + w * z) + p);
        let s = Math.sin(0.7 * (v * y + w * z) + p);
        const dc = Math.cos(0.7 * u);
        const ds = Math.sin(0.7 * u);
        for (let x = 0; x < width; x++) {
          sums[x] += c;
          [c, s] = [c * dc - s * ds, s * dc + c * ds];
        }
      }
      for (let x = 0; x < width; x++, i++) {
        a[i] = Math.exp((-sums[x] * sums[x]) / 4);
        b[i] = Math.min(1, Math.max(0, a[row + x] + 0.1 * (random() - 0.5)));
      }
    }
  }
  const grid = (data) => ({ data, width, height, depth, channels: 1 });
  return { a: grid(a), b: grid(b) };
}
