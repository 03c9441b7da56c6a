import type { Connectivity, Mask } from '../../src/index.js';

/** The definition: floods from each pixel in raster order that has no label yet. */
export function flood(
  { data, width, height, depth }: Mask,
  connectivity: Connectivity,
  wanted: number,
): { labels: number[]; sizes: number[] } {
  const labels = new Array<number>(data.length).fill(0);
  const sizes = [0];
  for (let first = 0; first < data.length; first++) {
    if (data[first] !== wanted || labels[first]) continue;
    const label = sizes.push(0) - 1;
    const open = [first];
    labels[first] = label;
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      sizes[label]++;
      const x = i % width;
      const y = Math.floor(i / width) % height;
      const z = Math.floor(i / (width * height));
      for (let dz = -1; dz <= 1; dz++)
        for (let dy = -1; dy <= 1; dy++)
          for (let dx = -1; dx <= 1; dx++) {
            if (connectivity === 'face' && Math.abs(dx) + Math.abs(dy) + Math.abs(dz) !== 1) continue;
            const [u, v, t] = [x + dx, y + dy, z + dz];
            if (u < 0 || v < 0 || t < 0 || u >= width || v >= height || t >= depth) continue;
            const j = (t * height + v) * width + u;
            if (data[j] !== wanted || labels[j]) continue;
            labels[j] = label;
            open.push(j);
          }
    }
  }
  sizes[0] = labels.filter((label) => label === 0).length;
  return { labels, sizes };
}
