import type { Segment } from './network.js';
import { add, dot, vector, type Vector } from './vector.js';
import { VertexIndex, type Near } from './vertex-index.js';

/** Side of the cells that vertices are found by, µm. */
const CELL = 1.2;

/** Tubes while they grow: vertices along curves, the segments between them, and what lies near a place. */
export class TubeNetwork {
  readonly x: number[] = [];
  readonly y: number[] = [];
  readonly z: number[] = [];
  readonly segments: Segment[] = [];
  /** Vertex on a body's surface to the index of that body. */
  readonly anchors = new Map<number, number>();
  private readonly index = new VertexIndex(this, CELL);
  /** Segments that end at each vertex. */
  private readonly degree: number[] = [];
  private curves = 0;

  /** @param step distance between the vertices of a curve, µm. */
  constructor(private readonly step: number) {}

  /** The number of a curve that begins. */
  beginCurve(): number {
    return this.curves++;
  }

  /** A vertex that no tube meets. */
  addVertex(at: Vector): number {
    this.x.push(at.x);
    this.y.push(at.y);
    this.z.push(at.z);
    return this.degree.push(0) - 1;
  }

  /** A vertex of a curve, which other tubes may meet. */
  place(at: Vector, radius: number, curve: number): number {
    const vertex = this.addVertex(at);
    this.index.add(vertex, radius, curve);
    return vertex;
  }

  join(segment: Segment): void {
    this.segments.push(segment);
    this.degree[segment.a]++;
    this.degree[segment.b]++;
  }

  positionOf(vertex: number): Vector {
    return vector(this.x[vertex], this.y[vertex], this.z[vertex]);
  }

  curveOf(vertex: number): number {
    return this.index.curveOf(vertex);
  }

  /** {@link VertexIndex.touching} */
  touching(at: Vector, radius: number, clearance: number, widest: number): Map<number, Near> {
    return this.index.touching(at, radius, clearance, widest);
  }

  /** {@link VertexIndex.visit} */
  visit(at: Vector, reach: number, each: (vertex: number, distance: number) => void): void {
    this.index.visit(at, reach, each);
  }

  /**
   * The vertex some steps further on the curve of a vertex, in the sense of a heading, and on past junctions for up to
   * a µm; as far as the curve goes.
   */
  along(from: number, heading: Vector, steps: number): number {
    const curve = this.curveOf(from);
    const isOn = (vertex: number) => vertex < this.x.length && this.curveOf(vertex) === curve;
    const other = isOn(from + 1) ? from + 1 : from - 1;
    if (!isOn(other)) return from;
    const sense = (other - from) * Math.sign(dot(add(this.positionOf(other), this.positionOf(from), -1), heading));
    const isShort = (at: number, gone: number) => gone < steps || (this.degree[at] > 2 && gone < steps + 1 / this.step);
    let at = from;
    for (let gone = 0; isShort(at, gone) && isOn(at + sense); gone++) at += sense;
    return at;
  }
}
