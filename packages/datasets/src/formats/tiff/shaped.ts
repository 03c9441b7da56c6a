/** tifffile's description: the shape of the array, and names of its axes where the writer gave them. */
export interface ShapedDescription {
  readonly shape: readonly number[];
  /** One letter an axis; null where nobody named them. */
  readonly axes: string | null;
}

/** tifffile's JSON description; null where the text is another. */
export function parseShaped(description: string): ShapedDescription | null {
  if (!/^\s*\{/.test(description)) return null;
  let value: unknown;
  try {
    value = JSON.parse(description);
  } catch {
    return null;
  }
  const { shape, axes } = value as { shape?: unknown; axes?: unknown };
  const isShape = Array.isArray(shape) && shape.length > 0 && shape.length <= 16;
  if (!isShape || !shape.every((size) => Number.isInteger(size) && size >= 1)) return null;
  const named = typeof axes === 'string' && axes.length === shape.length ? axes.toUpperCase() : null;
  return { shape: shape as number[], axes: named };
}

/** The axes that lie on pages, from the slowest: those of the shape without the ones that lie on each page. */
export function pageAxes(
  { shape, axes }: ShapedDescription,
  page: { readonly width: number; readonly height: number; readonly samples: number },
): { letter: string; size: number }[] | null {
  const named = shape.map((size, i) => ({ letter: axes?.[i] ?? '', size }));
  const onPage = [
    [page.height, page.width, page.samples],
    [page.samples, page.height, page.width],
    ...(page.samples === 1 ? [[page.height, page.width]] : []),
  ];
  for (const sizes of onPage) {
    const from = named.length - sizes.length;
    if (from >= 0 && sizes.every((size, i) => named[from + i].size === size)) return named.slice(0, from);
  }
  return null;
}
