import type { Samples } from './samples.js';

/** What of a page is wanted: rows and columns, and where they go. */
export interface PageWindow {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Samples of a pixel: the first `take` from `first` on. */
  readonly first: number;
  readonly take: number;
  readonly out: Float32Array;
  /** Where the first value goes, and how many values a pixel of the result has. */
  readonly at: number;
  readonly step: number;
}

/** Some rows and columns of a chunk, decoded. */
export interface Block {
  readonly values: Samples;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Which samples of a chunk's pixels go where in the window's. */
export interface Part {
  readonly samples: number;
  readonly first: number;
  readonly take: number;
  readonly plane: number;
}

/**
 * Copies what a block and a window share. `set` converts many times faster than a loop over arrays of several types.
 */
export function copyBlock({ values, x, y, width, height }: Block, window: PageWindow, part: Part): void {
  const { samples, first, take, plane } = part;
  const { out, step } = window;
  const left = Math.max(x, window.x);
  const right = Math.min(x + width, window.x + window.width);
  const top = Math.max(y, window.y);
  const bottom = Math.min(y + height, window.y + window.height);
  const together = take === samples && take === step;
  if (together && left === x && right - left === width && width === window.width) {
    const from = (top - y) * width * samples;
    out.set(values.subarray(from, (bottom - y) * width * samples), window.at + (top - window.y) * width * step);
    return;
  }
  for (let row = top; row < bottom; row++) {
    let from = ((row - y) * width + left - x) * samples + first;
    let to = window.at + plane + ((row - window.y) * window.width + left - window.x) * step;
    const end = from + (right - left) * samples;
    if (together) {
      out.set(values.subarray(from, end), to);
      continue;
    }
    for (; from < end; from += samples, to += step) {
      for (let s = 0; s < take; s++) out[to + s] = values[from + s];
    }
  }
}
