import type { ExploredData } from '../../src/report/explore.js';

/** What the report's own script draws from; null for a report without it. */
export function readData(): ExploredData | null {
  const text = document.getElementById('explored')?.textContent;
  return text == null ? null : (JSON.parse(text) as ExploredData);
}

/** A list to choose from, filled. */
export function fill(list: HTMLSelectElement, names: readonly string[], chosen: number): void {
  list.replaceChildren(...names.map((name, i) => new Option(name, String(i), i === chosen, i === chosen)));
}
