import { mark } from '../types.js';

/** A line through pixel centres, in pixels of its grid: x0, y0, x1, y1, ... */
export type Polyline = readonly number[];

/** Lines of one network comparison, by what they say. */
export interface NetworkLines {
  readonly found: readonly Polyline[];
  readonly missed: readonly Polyline[];
  readonly invented: readonly Polyline[];
}

type Code = 1 | 2 | 3;
const names = { 1: 'found', 2: 'missed', 3: 'invented' } as const;

/**
 * Centreline pixels joined to lines, for drawing.
 *
 * Pixels are joined to their 8 neighbours, diagonally only where no shorter way round exists. Found and missed pixels
 * are one network: a link between them counts as missed. Invented ones are another. A pixel alone becomes a line of
 * one point. Lines are smoothed twice with (1, 2, 1)/4, which moves no point by a whole pixel and leaves ends and
 * junctions where they are.
 */
export function traceNetwork(marks: Uint8Array, width: number, height: number): NetworkLines {
  const lines: Record<'found' | 'missed' | 'invented', Polyline[]> = { found: [], missed: [], invented: [] };
  for (const group of [[mark.found, mark.missed], [mark.invented]] as const) {
    const inGroup = (x: number, y: number) =>
      x >= 0 && y >= 0 && x < width && y < height && (group as readonly number[]).includes(marks[y * width + x]);
    const links = new Map<number, number[]>();
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) if (inGroup(x, y)) links.set(y * width + x, neighbours(x, y, width, inGroup));
    }
    const linkCode = (a: number, b: number) => Math.max(marks[a], marks[b]) as Code;
    for (const code of group) {
      const own = new Map(
        [...links].map(([at, others]) => [at, others.filter((other) => linkCode(at, other) === code)] as const),
      );
      for (const path of walk(own, (at) => marks[at] === code && links.get(at)!.length === 0))
        lines[names[code]].push(smooth(path, width));
    }
  }
  return lines;
}

function neighbours(x: number, y: number, width: number, has: (x: number, y: number) => boolean): number[] {
  const out: number[] = [];
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      if ((dx === 0 && dy === 0) || !has(x + dx, y + dy)) continue;
      if (dx !== 0 && dy !== 0 && (has(x + dx, y) || has(x, y + dy))) continue;
      out.push((y + dy) * width + x + dx);
    }
  }
  return out;
}

/** Every link once, in paths that begin at ends and junctions where there are any. */
function walk(links: ReadonlyMap<number, readonly number[]>, alone: (at: number) => boolean): number[][] {
  const used = new Set<string>();
  const key = (a: number, b: number) => (a < b ? `${a} ${b}` : `${b} ${a}`);
  const paths: number[][] = [];
  const follow = (start: number, second: number) => {
    const path = [start];
    let last = start;
    let at = second;
    for (;;) {
      used.add(key(last, at));
      path.push(at);
      const others = links.get(at)!;
      const next = others.length === 2 ? others.find((other) => !used.has(key(at, other))) : undefined;
      if (next === undefined) break;
      [last, at] = [at, next];
    }
    paths.push(path);
  };
  for (const endsFirst of [true, false]) {
    for (const [start, others] of links) {
      if (endsFirst && others.length === 2) continue;
      if (others.length === 0 && endsFirst && alone(start)) paths.push([start]);
      for (const second of others) if (!used.has(key(start, second))) follow(start, second);
    }
  }
  return paths;
}

function smooth(path: readonly number[], width: number): number[] {
  return smoothLine(path.flatMap((at) => [(at % width) + 0.5, Math.floor(at / width) + 0.5]));
}

/** Smooths a line twice with (1, 2, 1)/4; its ends stay. */
export function smoothLine(line: Polyline): number[] {
  let points = [...line];
  for (let round = 0; round < 2; round++) {
    points = points.map((value, i) =>
      i < 2 || i >= points.length - 2 ? value : (points[i - 2] + 2 * value + points[i + 2]) / 4,
    );
  }
  return points;
}

/** Path data of lines, scaled and moved. A line of one point becomes a dot (a round cap on almost nothing). */
export function pathData(lines: readonly Polyline[], scale: number, x0: number, y0: number): string {
  const at = (value: number, from: number) => String(Math.round((from + value * scale) * 100) / 100);
  return lines
    .map((points) => {
      if (points.length === 2) return `M${at(points[0], x0)} ${at(points[1], y0)}h.01`;
      let data = '';
      for (let i = 0; i < points.length; i += 2)
        data += `${i === 0 ? 'M' : 'L'}${at(points[i], x0)} ${at(points[i + 1], y0)}`;
      return data;
    })
    .join('');
}

/** A place worth an arrow. */
export interface Pointer {
  readonly kind: 'missed' | 'invented';
  /** The branch's middle, in pixels. */
  readonly x: number;
  readonly y: number;
  /** Unit vector along which the arrow points. */
  readonly dx: number;
  readonly dy: number;
  readonly length: number;
}

/**
 * The longest missed and invented branches, for arrows: at most `perKind` of each, at least `minLength` centreline
 * pixels long, and away from the border by `reach` pixels on the arrow's side. Of 8 directions an arrow takes the one
 * whose shaft crosses the fewest centreline pixels.
 */
export function longestErrors(
  marks: Uint8Array,
  width: number,
  height: number,
  options: { perKind: number; minLength: number; reach: number },
): Pointer[] {
  return (['missed', 'invented'] as const).flatMap((kind) =>
    components(marks, width, height, mark[kind])
      .filter((pixels) => pixels.length >= options.minLength)
      .sort((a, b) => b.length - a.length || a[0] - b[0])
      .map((pixels) => aim(kind, pixels, { marks, width, height, reach: options.reach }))
      .filter((pointer) => pointer !== undefined)
      .slice(0, options.perKind),
  );
}

function components(marks: Uint8Array, width: number, height: number, code: number): number[][] {
  const seen = new Uint8Array(marks.length);
  const out: number[][] = [];
  for (let start = 0; start < marks.length; start++) {
    if (marks[start] !== code || seen[start]) continue;
    seen[start] = 1;
    const pixels = [start];
    for (let head = 0; head < pixels.length; head++) {
      const x = pixels[head] % width;
      const y = Math.floor(pixels[head] / width);
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const u = x + dx;
          const v = y + dy;
          const at = v * width + u;
          if (u < 0 || v < 0 || u >= width || v >= height || marks[at] !== code || seen[at]) continue;
          seen[at] = 1;
          pixels.push(at);
        }
      }
    }
    out.push(pixels);
  }
  return out;
}

function aim(
  kind: 'missed' | 'invented',
  pixels: readonly number[],
  grid: { marks: Uint8Array; width: number; height: number; reach: number },
): Pointer | undefined {
  const { marks, width, height, reach } = grid;
  const centre = pixels.reduce(
    (sum, at) => ({ x: sum.x + (at % width) / pixels.length, y: sum.y + Math.floor(at / width) / pixels.length }),
    { x: 0, y: 0 },
  );
  const away = (at: number) => Math.hypot((at % width) - centre.x, Math.floor(at / width) - centre.y);
  const middle = pixels.reduce((best, at) => (away(at) < away(best) ? at : best), pixels[0]);
  const x = middle % width;
  const y = Math.floor(middle / width);
  let best: Pointer | undefined;
  let fewest = Infinity;
  for (let turn = 0; turn < 8; turn++) {
    const dx = Math.round(Math.cos((turn * Math.PI) / 4) * 1e6) / 1e6;
    const dy = Math.round(Math.sin((turn * Math.PI) / 4) * 1e6) / 1e6;
    const tailX = x - dx * reach;
    const tailY = y - dy * reach;
    if (tailX < 1 || tailY < 1 || tailX > width - 2 || tailY > height - 2) continue;
    let crossed = 0;
    for (let step = 3; step <= reach; step++) {
      for (let side = -1; side <= 1; side++) {
        const u = Math.round(x - dx * step - dy * side);
        const v = Math.round(y - dy * step + dx * side);
        if (u >= 0 && v >= 0 && u < width && v < height && marks[v * width + u] !== mark.none) crossed++;
      }
    }
    if (crossed < fewest) {
      fewest = crossed;
      best = { kind, x: x + 0.5, y: y + 0.5, dx, dy, length: pixels.length };
    }
  }
  return best;
}
