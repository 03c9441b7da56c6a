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

/** How the axes of an array lie: on pages, from the slowest, and on each page. */
export interface PageLayout {
  readonly pages: readonly { letter: string; size: number }[];
  /** The axis that lies down the page and the one across it; empty where nobody named them. */
  readonly rows: string;
  readonly columns: string;
  /** The axis of the samples of a pixel; empty where nobody named it, or where a pixel has one alone. */
  readonly samples: string;
}

/** How the axes of a shape lie; null where the shape is not that of the pages. */
export function pageLayout(
  { shape, axes }: ShapedDescription,
  page: { readonly width: number; readonly height: number; readonly samples: number },
): PageLayout | null {
  const { height, width, samples } = page;
  const named = shape.map((size, i) => ({ letter: axes?.[i] ?? '', size }));
  const onPage: readonly { readonly sizes: readonly number[]; readonly rows: number }[] = [
    { sizes: [height, width, samples], rows: 0 },
    { sizes: [samples, height, width], rows: 1 },
    ...(samples === 1 ? [{ sizes: [height, width], rows: 0 }] : []),
  ];
  for (const { sizes, rows } of onPage) {
    const from = named.length - sizes.length;
    if (from < 0 || sizes.some((size, i) => named[from + i].size !== size)) continue;
    const letters = named.slice(from).map(({ letter }) => letter);
    return {
      pages: named.slice(0, from),
      rows: letters[rows],
      columns: letters[rows + 1],
      samples: samples === 1 ? '' : letters[rows === 1 ? 0 : 2],
    };
  }
  return null;
}
