import type { Connectivity, Mask } from '../mask.js';

/** Connected components: `labels` 0 for background, 1..count in raster order of each component's first pixel. */
export interface Components {
  readonly labels: Int32Array;
  readonly count: number;
  /** Pixels of each component; index 0 holds the background's. */
  readonly sizes: Int32Array;
}

/** Steps to the neighbours that come earlier in raster order, as [dx, dy, dz]. */
function earlierNeighbours(connectivity: Connectivity, depth: number): [number, number, number][] {
  const steps: [number, number, number][] = [];
  for (let dz = depth > 1 ? -1 : 0; dz <= 0; dz++) {
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const earlier = dz < 0 || (dz === 0 && (dy < 0 || (dy === 0 && dx < 0)));
        if (earlier && (connectivity === 'full' || Math.abs(dx) + Math.abs(dy) + Math.abs(dz) === 1)) steps.push([dx, dy, dz]);
      }
    }
  }
  return steps;
}

/**
 * Labels connected components by one raster scan with union-find (roots are the smallest label), then one pass that flattens.
 * @param options.connectivity `full` (8 in planes, 26 in volumes; the default) or `face` (4, 6).
 * @param options.of label the background's pixels instead with `'background'`.
 */
export function labelComponents(mask: Mask, { connectivity = 'full', of = 'foreground' }: { connectivity?: Connectivity; of?: 'foreground' | 'background' } = {}): Components {
  const { data, width, height, depth } = mask;
  const wanted = of === 'foreground' ? 1 : 0;
  const steps = earlierNeighbours(connectivity, depth);
  const stepCount = steps.length;
  const dxs = Int32Array.from(steps, (s) => s[0]), dys = Int32Array.from(steps, (s) => s[1]), dzs = Int32Array.from(steps, (s) => s[2]);
  const offsets = Int32Array.from(steps, ([dx, dy, dz]) => (dz * height + dy) * width + dx);
  const labels = new Int32Array(data.length);
  let parent = new Int32Array(1024), next = 1;
  let i = 0;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (data[i] !== wanted) continue;
        let label = 0;
        for (let s = 0; s < stepCount; s++) {
          const nx = x + dxs[s];
          if (nx < 0 || nx >= width || y + dys[s] < 0 || y + dys[s] >= height || z + dzs[s] < 0) continue;
          let other = labels[i + offsets[s]];
          if (other === 0 || other === label) continue;
          while (parent[other] !== other) other = parent[other] = parent[parent[other]];
          if (label === 0) label = other;
          else if (other < label) {
            parent[label] = other;
            label = other;
          } else if (other > label) parent[other] = label;
        }
        if (label === 0) {
          if (next === parent.length) {
            const larger = new Int32Array(2 * next);
            larger.set(parent);
            parent = larger;
          }
          label = next++;
          parent[label] = label;
        }
        labels[i] = label;
      }
    }
  }
  return flatten(labels, parent, next);
}

function flatten(labels: Int32Array, parent: Int32Array, next: number): Components {
  const final = new Int32Array(next);
  let count = 0;
  // A root is the smallest label of its set, so it is met before every label that points to it.
  for (let label = 1; label < next; label++) final[label] = parent[label] === label ? ++count : final[parent[label]];
  const sizes = new Int32Array(count + 1);
  for (let i = 0; i < labels.length; i++) sizes[labels[i] = final[labels[i]]]++;
  return { labels, count, sizes };
}

/** Share of the foreground that lies in its largest component, in (0, 1]; null for an empty mask. */
export function largestComponentShare(mask: Mask, options: { connectivity?: Connectivity } = {}): number | null {
  const { sizes } = labelComponents(mask, options);
  let largest = 0, total = 0;
  for (let label = 1; label < sizes.length; label++) {
    largest = Math.max(largest, sizes[label]);
    total += sizes[label];
  }
  return total === 0 ? null : largest / total;
}
