import { actionRoots, type Program } from './graph/program.js';
import { sizeOf, spatialSizes, topologicalOrder, type OpName, type Tensor } from './graph/index.js';

/** Ops that give another view of the same values. */
const VIEWS = new Set<OpName>(['reshape', 'stopGradient']);
/** Ops that a runtime lets write over an input that nothing else needs. */
const OVER_INPUTS = new Set<OpName>([
  'add',
  'sub',
  'mul',
  'div',
  'minimum',
  'maximum',
  'abs',
  'square',
  'sqrt',
  'relu',
  'reluGradient',
  'leakyRelu',
  'tanh',
  'tanhGradient',
  'sigmoid',
]);
/** Kept from step to step. */
const KEPT = new Set<OpName>(['variable', 'constant']);

/**
 * What a process holds for each byte of the graph, measured with TensorFlow on a CPU (tools/bench/step-memory):
 * variables also as what they began with and as what they were written from, and the gaps between values.
 */
const HELD = { variables: 3, values: 1.2 } as const;

/**
 * Bytes that a training step takes at its most, read off its graph, beside what a process takes for the runtime itself:
 * variables, and the values of the action with the most of them alive together - those of the forward pass until the
 * backward pass has used them - with what the kernel that is running takes for itself. Values are made as soon as what
 * they are made from is there, in the order in which that happens, and given up after their last use.
 * @param steps actions of a step, or of several; each begins with no values alive.
 * @param threads of an op.
 */
export function stepBytes({ graph, actions }: Program, steps: readonly string[], threads: number): number {
  const variables = [...graph.variables.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const values = Math.max(
    ...steps.map((name) => mostAlive(actionRoots(actions[name].fetches, actions[name].updates), threads)),
  );
  return 4 * (HELD.variables * variables + HELD.values * values);
}

/** Values alive together at their most, while everything that `roots` need is computed. */
function mostAlive(roots: readonly Tensor[], threads: number): number {
  const all = topologicalOrder(roots);
  const users = new Map<Tensor, Tensor[]>(all.map((node) => [node, []]));
  for (const node of all) for (const input of new Set(node.inputs)) users.get(input)!.push(node);
  const missing = new Map(all.map((node) => [node, new Set(node.inputs).size]));
  const rooms = new Rooms(new Set(roots), threads);
  // The list grows while it is walked through: what becomes ready comes last.
  const ready = all.filter((node) => node.inputs.length === 0);
  for (const node of ready) {
    rooms.compute(node, users.get(node)!.length);
    for (const user of users.get(node)!) {
      missing.set(user, missing.get(user)! - 1);
      if (missing.get(user) === 0) ready.push(user);
    }
  }
  return rooms.most;
}

/** The room that values take: views share one, and some ops write over an input's. */
class Rooms {
  most = 0;
  #alive = 0;
  /** Whose room a value has. */
  readonly #owner = new Map<Tensor, Tensor>();
  /** Uses of a room that are still to come; what is handed out is used for ever. */
  readonly #uses = new Map<Tensor, number>();
  readonly #handedOut: ReadonlySet<Tensor>;
  readonly #threads: number;

  constructor(handedOut: ReadonlySet<Tensor>, threads: number) {
    this.#handedOut = handedOut;
    this.#threads = threads;
  }

  compute(node: Tensor, users: number): void {
    const own = this.#roomFor(node);
    this.#owner.set(node, own);
    if (own === node) this.#alive += KEPT.has(node.op) ? 0 : sizeOf(node.shape);
    this.most = Math.max(this.most, this.#alive + workspace(node, this.#threads));
    const forEver = this.#handedOut.has(node) ? Infinity : 0;
    this.#uses.set(own, (this.#uses.get(own) ?? 0) + users + forEver);
    for (const input of new Set(node.inputs)) this.#release(this.#owner.get(input)!);
  }

  #roomFor(node: Tensor): Tensor {
    const inputs = node.inputs.map((input) => this.#owner.get(input)!);
    if (VIEWS.has(node.op)) return inputs[0];
    const isLast = (room: Tensor) =>
      this.#uses.get(room) === 1 && !KEPT.has(room.op) && sizeOf(room.shape) === sizeOf(node.shape);
    return (OVER_INPUTS.has(node.op) ? inputs.find(isLast) : undefined) ?? node;
  }

  #release(room: Tensor): void {
    const left = this.#uses.get(room)! - 1;
    this.#uses.set(room, left);
    if (left === 0 && !KEPT.has(room.op)) this.#alive -= sizeOf(room.shape);
  }
}

/**
 * What a kernel takes for itself: a convolution lays inputs and output out anew. Of volumes it is a product of matrices
 * one plane after the other, and each thread has the columns of a plane: every input of every output position (oneDNN's
 * im2col).
 */
function workspace(node: Tensor, threads: number): number {
  if (node.op !== 'conv' && node.op !== 'convInputGradient' && node.op !== 'convFilterGradient') return 0;
  const copies = node.inputs.reduce((sum, { shape }) => sum + sizeOf(shape), sizeOf(node.shape));
  const filter = node.op === 'convFilterGradient' ? node.shape : node.inputs[1].shape;
  const out = { conv: node, convInputGradient: node.inputs[0], convFilterGradient: node.inputs[1] }[node.op].shape;
  const spatial = spatialSizes(out);
  const plane = spatial.length === 3 ? spatial[1] * spatial[2] : 0;
  return copies + threads * sizeOf(filter.slice(0, -1)) * plane;
}
