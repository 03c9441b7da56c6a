import type { TiffPage } from './page.js';
import type { Block, PageWindow } from './window.js';

/** A strip or tile: its number, where it lies, what of it lies in the page, and its bytes in the file. */
export interface Chunk {
  readonly number: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Rows that are stored: those of tiles go beyond the page. */
  readonly rows: number;
  readonly rowBytes: number;
  readonly offset: number;
  readonly count: number;
}

/**
 * The chunk at a row and column of the grid of chunks.
 * @param plane the sample, where each lies in chunks of its own; else 0.
 */
export function chunkAt(page: TiffPage, row: number, column: number, plane: number): Chunk {
  const { width, height, chunkWidth, chunkHeight, bits, separate, tiled } = page;
  const number = (plane * page.down + row) * page.across + column;
  const left = column * chunkWidth;
  const top = row * chunkHeight;
  const inside = Math.min(chunkHeight, height - top);
  return {
    number,
    left,
    top,
    width: Math.min(chunkWidth, width - left),
    height: inside,
    rows: tiled ? chunkHeight : inside,
    rowBytes: Math.ceil((chunkWidth * (separate ? 1 : page.samples) * bits) / 8),
    offset: page.offsets[number],
    count: page.counts[number],
  };
}

/** Whether a window holds all of a chunk that lies in the page. */
export function covers(window: PageWindow, { left, top, width, height }: Chunk): boolean {
  return (
    window.x <= left &&
    window.y <= top &&
    left + width <= window.x + window.width &&
    top + height <= window.y + window.height
  );
}

/** A chunk that was never written counts as zeros. */
export function emptyBlock({ left, top, width, height }: Chunk, samples: number, window: PageWindow): Block {
  const from = Math.max(window.y, top);
  const to = Math.min(window.y + window.height, top + height);
  return { values: new Uint8Array(width * (to - from) * samples), x: left, y: from, width, height: to - from };
}
