import { bytesPerSample, type SampleType } from '../pixel-bytes.js';

const TILE = 256;
const STRIP_BYTES = 1 << 18;

/** How the pages of a written file are cut into strips or tiles. */
export interface ChunkGrid {
  readonly tiled: boolean;
  readonly chunkWidth: number;
  /** Rows of a chunk; the last strip may have fewer. */
  readonly rows: number;
  readonly across: number;
  readonly down: number;
  /** Bytes of a pixel, a row of a chunk, a chunk and a page. */
  readonly pixel: number;
  readonly rowBytes: number;
  readonly chunkBytes: number;
  readonly pageBytes: number;
}

/** Strips of about 256 kB, or tiles of 256 x 256. */
export function chunkGrid(
  { width, height }: { readonly width: number; readonly height: number },
  samples: number,
  type: SampleType,
  tiled: boolean,
): ChunkGrid {
  const pixel = samples * bytesPerSample[type];
  const chunkWidth = tiled ? TILE : width;
  const strip = Math.max(1, Math.min(height, Math.floor(STRIP_BYTES / (width * pixel))));
  const rows = tiled ? TILE : strip;
  const across = Math.ceil(width / chunkWidth);
  const down = Math.ceil(height / rows);
  const rowBytes = chunkWidth * pixel;
  const chunkBytes = rowBytes * rows;
  const pageBytes = tiled ? across * down * chunkBytes : rowBytes * height;
  return { tiled, chunkWidth, rows, across, down, pixel, rowBytes, chunkBytes, pageBytes };
}

/** Bytes of a chunk as it is stored without compression. */
export function storedBytes(grid: ChunkGrid, chunk: number, height: number): number {
  if (grid.tiled) return grid.chunkBytes;
  return grid.rowBytes * Math.min(grid.rows, height - chunk * grid.rows);
}
