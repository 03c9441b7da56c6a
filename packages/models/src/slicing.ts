import { z } from 'zod';

/** How a model of planes works on volumes. */
export interface Slicing {
  /** The axis that planes are cut across: z gives planes of y and x, y of z and x, x of z and y (rows and columns). */
  readonly axis: 'x' | 'y' | 'z';
  /** Planes on each side that come in with the one that is enlarged, as channels in their order along the axis. */
  readonly neighbours: number;
  /** How the planes between the enlarged ones are made, and by how much the axis grows; null where it stays. */
  readonly between: { readonly method: 'linear' | 'cubic'; readonly factor: number } | null;
}

const slicing = z.strictObject({
  axis: z.enum(['x', 'y', 'z']),
  neighbours: z.int().min(0),
  between: z.strictObject({ method: z.enum(['linear', 'cubic']), factor: z.int().min(1) }).nullable(),
});

/** Planes that come in for one. */
export const planesIn = ({ neighbours }: Pick<Slicing, 'neighbours'>): number => 2 * neighbours + 1;

/** Reads how a model file says that volumes are cut, JSON; null for text that says nothing of it. */
export function parseSlicing(text: string): Slicing | null {
  try {
    return slicing.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
