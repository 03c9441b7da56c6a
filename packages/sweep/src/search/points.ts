import { existsSync, readFileSync } from 'node:fs';
import { appendWhole } from '@lacuna/core';
import type { Labels } from './study.js';

/** A point that a search chose, as its folder keeps it for those who read results without Optuna. */
export interface KeptPoint {
  readonly number: number;
  readonly point: Labels;
}

/** The points that a file holds, in their order; a line that was torn is left out. */
export function readPoints(path: string): KeptPoint[] {
  if (!existsSync(path)) return [];
  const found = new Map<number, KeptPoint>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const point = parsePoint(line);
    if (point) found.set(point.number, point);
  }
  return [...found.values()].sort((a, b) => a.number - b.number);
}

function parsePoint(line: string): KeptPoint | null {
  try {
    return line === '' ? null : (JSON.parse(line) as KeptPoint);
  } catch {
    return null;
  }
}

/** Adds a point; the study itself has it already. */
export function keepPoint(path: string, { number, point }: KeptPoint): void {
  appendWhole(path, `${JSON.stringify({ number, point })}\n`);
}
