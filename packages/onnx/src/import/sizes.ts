import type { Reading, Value } from './reading.js';

/**
 * Arithmetic with sizes: what a file computes from the lengths of its values is known while the graph is built, since
 * every size is. Each gives null where its operands are no such numbers, and the op is read as usual.
 */
type SizeReader = (r: Reading) => Value | null;

/** Prefix of numbers that no weight is made of. */
const NAME = 'constant/sizes';
const sizes = (values: readonly number[]): Value => ({
  kind: 'numbers',
  name: NAME,
  dims: [values.length],
  values: Float64Array.from(values),
});

/** Every operand as a list of numbers, or null where one is computed from the image. */
function operands(r: Reading): number[][] | null {
  const values = r.node.input.map((_, i) => r.value(i));
  const lists = values.map((value) => (value.kind === 'numbers' && value.dims.length <= 1 ? [...value.values] : null));
  const hasSizes = values.some((value) => value.kind === 'numbers' && value.name === NAME);
  return hasSizes && lists.every((list) => list !== null) ? lists : null;
}

const elementwise =
  (op: (a: number, b: number) => number): SizeReader =>
  (r) => {
    const found = operands(r);
    if (!found) return null;
    const [a, b] = found;
    const length = Math.max(a.length, b.length);
    if ((a.length !== length && a.length !== 1) || (b.length !== length && b.length !== 1)) return null;
    return sizes(Array.from({ length }, (_, i) => op(a[a.length === 1 ? 0 : i], b[b.length === 1 ? 0 : i])));
  };

const slice: SizeReader = (r) => {
  const found = operands(r);
  if (!found) return null;
  const [list, [start], [end], , step = [1]] = found;
  if (step[0] !== 1) throw r.refuse(`steps of ${step[0]}`, 'every value');
  return sizes(list.slice(start, Math.min(end, list.length)));
};

const gather: SizeReader = (r) => {
  const found = operands(r);
  if (!found) return null;
  const [list, indices] = found;
  return sizes(indices.map((index) => list.at(index) ?? NaN));
};

/** Ops that files use on sizes. */
export const sizeReaders: Readonly<Record<string, SizeReader>> = {
  Shape: (r) => {
    const all = r.sizes(0);
    const end = r.attribute('end')?.i;
    return sizes(all.slice(r.int('start', 0), end ?? all.length));
  },
  Concat: (r) => {
    const found = operands(r);
    return found && sizes(found.flat());
  },
  Mul: elementwise((a, b) => a * b),
  Div: elementwise((a, b) => Math.trunc(a / b)),
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Slice: slice,
  Gather: gather,
};
