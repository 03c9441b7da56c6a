import { nearestName } from '@lacuna/core';

/** That a method's trials go on from those of another one. */
export interface Link {
  readonly method: string;
  /** The field that says so. */
  readonly path: readonly string[];
}

/** What {@link inOrder} reads of methods. */
interface Methods {
  readonly chosen: readonly string[];
  /** All of the sweep. */
  readonly known: readonly string[];
  readonly linkOf: (method: string) => Link | null;
  /** Told of a link that leads nowhere or in a circle. */
  readonly onProblem: (method: string, link: Link, problem: string) => void;
}

/**
 * Methods in their order, but each behind the one that it goes on from; that one is in the list also where nobody chose
 * it.
 */
export function inOrder({ chosen, known, linkOf, onProblem }: Methods): string[] {
  const order: string[] = [];
  const visit = (method: string, chain: readonly string[]): void => {
    if (order.includes(method)) return;
    const link = linkOf(method);
    if (link) {
      const problem = problemOf(link, known, [...chain, method]);
      if (problem === null) visit(link.method, [...chain, method]);
      else onProblem(method, link, problem);
    }
    if (!order.includes(method)) order.push(method);
  };
  for (const method of chosen) visit(method, []);
  return order;
}

function problemOf({ method }: Link, known: readonly string[], chain: readonly string[]): string | null {
  const wanted = `another method of the sweep (${known.filter((name) => name !== chain.at(-1)).join(', ') || 'none'})`;
  if (!known.includes(method)) {
    const near = nearestName(method, known);
    return `got ${JSON.stringify(method)}, wanted ${wanted}${near === undefined ? '' : `; did you mean ${near}?`}`;
  }
  if (method === chain.at(-1)) return `got the method itself, wanted ${wanted}`;
  if (!chain.includes(method)) return null;
  const circle = [...chain.slice(chain.indexOf(method)), method].join(' from ');
  return `got a circle (${circle}), wanted methods of which one begins by itself`;
}
