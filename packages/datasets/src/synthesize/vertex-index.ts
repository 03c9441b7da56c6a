/** Vertices by square cells, for "what is near this point"; each belongs to a curve and has a radius. */
export class VertexIndex {
  private readonly cells = new Map<number, number[]>();
  private readonly x: number[];
  private readonly y: number[];
  private readonly radius: number[] = [];
  private readonly curve: number[] = [];
  private readonly side: number;

  /** Shares the coordinates of the wireframe that it indexes. */
  constructor(x: number[], y: number[], side: number) {
    this.x = x;
    this.y = y;
    this.side = side;
  }

  add(vertex: number, radius: number, curve: number): void {
    const key = this.key(Math.floor(this.x[vertex]! / this.side), Math.floor(this.y[vertex]! / this.side));
    const cell = this.cells.get(key);
    if (cell) cell.push(vertex);
    else this.cells.set(key, [vertex]);
    this.radius[vertex] = radius;
    this.curve[vertex] = curve;
  }

  /** Curves that a tube of `radius` at (x, y) would come closer to than `clearance`, each with its nearest vertex. */
  touching(x: number, y: number, radius: number, clearance: number, widest: number): Map<number, { vertex: number; distance: number }> {
    const found = new Map<number, { vertex: number; distance: number }>();
    const reach = radius + clearance + widest;
    const x0 = Math.floor((x - reach) / this.side), x1 = Math.floor((x + reach) / this.side);
    const y0 = Math.floor((y - reach) / this.side), y1 = Math.floor((y + reach) / this.side);
    for (let j = y0; j <= y1; j++) {
      for (let i = x0; i <= x1; i++) {
        for (const vertex of this.cells.get(this.key(i, j)) ?? []) {
          const distance = Math.hypot(this.x[vertex]! - x, this.y[vertex]! - y);
          if (distance > radius + this.radius[vertex]! + clearance) continue;
          const best = found.get(this.curve[vertex]!);
          if (!best || distance < best.distance) found.set(this.curve[vertex]!, { vertex, distance });
        }
      }
    }
    return found;
  }

  private key(i: number, j: number): number {
    return (i + 32768) * 65536 + (j + 32768);
  }
}
