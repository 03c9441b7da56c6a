import type { Vector } from './vector.js';

/** A vertex and how far it lies from the place that was asked about. */
export interface Near {
  readonly vertex: number;
  readonly distance: number;
}

const BUCKETS = 1 << 18;

/**
 * Vertices by cubic cells, for "what is near this point"; each belongs to a curve and has a radius. Cells are hashed
 * to chains of vertices (a map of arrays takes three times as long); two cells may share a chain, and distances tell
 * their vertices apart.
 */
export class VertexIndex {
  private readonly first = new Int32Array(BUCKETS).fill(-1);
  private readonly next: number[] = [];
  private readonly x: number[];
  private readonly y: number[];
  private readonly z: number[];
  private readonly radius: number[] = [];
  private readonly curve: number[] = [];
  private readonly side: number;

  /** Shares the coordinates of the wireframe that it indexes. */
  constructor({ x, y, z }: { x: number[]; y: number[]; z: number[] }, side: number) {
    this.x = x;
    this.y = y;
    this.z = z;
    this.side = side;
  }

  add(vertex: number, radius: number, curve: number): void {
    const bucket = this.bucket(this.cell(this.x[vertex]), this.cell(this.y[vertex]), this.cell(this.z[vertex]));
    this.next[vertex] = this.first[bucket];
    this.first[bucket] = vertex;
    this.radius[vertex] = radius;
    this.curve[vertex] = curve;
  }

  /** Curve of a vertex. */
  curveOf(vertex: number): number {
    return this.curve[vertex];
  }

  /**
   * Curves that a tube of `radius` at a place would come closer to than `clearance`, each with its nearest vertex.
   */
  touching(at: Vector, radius: number, clearance: number, widest: number): Map<number, Near> {
    const found = new Map<number, Near>();
    this.visit(at, radius + clearance + widest, (vertex, distance) => {
      if (distance > radius + this.radius[vertex] + clearance) return;
      const best = found.get(this.curve[vertex]);
      if (!best || distance < best.distance) found.set(this.curve[vertex], { vertex, distance });
    });
    return found;
  }

  /** Calls back once for every vertex within `reach` of a place, cell by cell. */
  visit({ x, y, z }: Vector, reach: number, each: (vertex: number, distance: number) => void): void {
    const x0 = this.cell(x - reach);
    const x1 = this.cell(x + reach);
    const y0 = this.cell(y - reach);
    const y1 = this.cell(y + reach);
    const z0 = this.cell(z - reach);
    const z1 = this.cell(z + reach);
    const square = reach * reach;
    for (let k = z0; k <= z1; k++) {
      for (let j = y0; j <= y1; j++) {
        for (let i = x0; i <= x1; i++) {
          for (let vertex = this.first[this.bucket(i, j, k)]; vertex >= 0; vertex = this.next[vertex]) {
            const dx = this.x[vertex] - x;
            const dy = this.y[vertex] - y;
            const dz = this.z[vertex] - z;
            const away = dx * dx + dy * dy + dz * dz;
            // A vertex of another cell in the same chain is met again, or for the first time, in its own.
            if (
              away <= square &&
              this.cell(this.x[vertex]) === i &&
              this.cell(this.y[vertex]) === j &&
              this.cell(this.z[vertex]) === k
            )
              each(vertex, Math.sqrt(away));
          }
        }
      }
    }
  }

  private cell(length: number): number {
    return Math.floor(length / this.side);
  }

  private bucket(i: number, j: number, k: number): number {
    return (Math.imul(i, 73856093) ^ Math.imul(j, 19349663) ^ Math.imul(k, 83492791)) & (BUCKETS - 1);
  }
}
