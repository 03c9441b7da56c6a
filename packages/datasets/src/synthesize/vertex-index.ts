/** A vertex and how far it lies from the place that was asked about. */
export interface Near { readonly vertex: number; readonly distance: number }

/** Vertices by cubic cells, for "what is near this point"; each belongs to a curve and has a radius. */
export class VertexIndex {
  private readonly cells = new Map<number, number[]>();
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
    const key = this.key(this.cell(this.x[vertex]!), this.cell(this.y[vertex]!), this.cell(this.z[vertex]!));
    const cell = this.cells.get(key);
    if (cell) cell.push(vertex);
    else this.cells.set(key, [vertex]);
    this.radius[vertex] = radius;
    this.curve[vertex] = curve;
  }

  /** Curve of a vertex. */
  curveOf(vertex: number): number {
    return this.curve[vertex]!;
  }

  /** Curves that a tube of `radius` at (x, y, z) would come closer to than `clearance`, each with its nearest vertex. */
  touching(x: number, y: number, z: number, radius: number, clearance: number, widest: number): Map<number, Near> {
    const found = new Map<number, Near>();
    this.visit(x, y, z, radius + clearance + widest, (vertex, distance) => {
      if (distance > radius + this.radius[vertex]! + clearance) return;
      const best = found.get(this.curve[vertex]!);
      if (!best || distance < best.distance) found.set(this.curve[vertex]!, { vertex, distance });
    });
    return found;
  }

  /** Calls back for every vertex within `reach` of (x, y, z), cell by cell. */
  visit(x: number, y: number, z: number, reach: number, each: (vertex: number, distance: number) => void): void {
    const x0 = this.cell(x - reach), x1 = this.cell(x + reach), y0 = this.cell(y - reach), y1 = this.cell(y + reach), z0 = this.cell(z - reach), z1 = this.cell(z + reach);
    for (let k = z0; k <= z1; k++) {
      for (let j = y0; j <= y1; j++) {
        for (let i = x0; i <= x1; i++) {
          const cell = this.cells.get(this.key(i, j, k));
          if (cell === undefined) continue;
          for (const vertex of cell) {
            const dx = this.x[vertex]! - x, dy = this.y[vertex]! - y, dz = this.z[vertex]! - z;
            const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
            if (distance <= reach) each(vertex, distance);
          }
        }
      }
    }
  }

  private cell(length: number): number {
    return Math.floor(length / this.side);
  }

  /** Cells from -65536 to 65535 along each axis: 17 bits each, 51 together. */
  private key(i: number, j: number, k: number): number {
    return ((k + 65536) * 131072 + (j + 65536)) * 131072 + (i + 65536);
  }
}
