import type { Network, Wireframe } from './network.js';

/** Pixel size and extent of the planes that a network is drawn into. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Side of a pixel, in the network's unit. */
  readonly pixel: number;
}

/** Planes of a drawn network, row-major [height · width]. */
export interface DrawnNetwork {
  /** Brightness: the strongest tube at each pixel, times the share of the pixel that it covers. */
  readonly brightness: Float32Array;
  /** 1 inside a tube, and where a tube thinner than a pixel passes, so that it stays in one piece. */
  readonly mask: Uint8Array;
  /** 1 on the centrelines: lines one pixel wide, 8-connected. */
  readonly skeleton: Uint8Array;
}

/**
 * Draws a network. A tube of radius r at distance d from a pixel's centre covers the share
 * |[d - p/2, d + p/2] ∩ [-r, r]| / p of a pixel of side p: area sampling across the tube.
 * @param wireframe every tube, also those whose centreline lies outside and whose body reaches in.
 * @param network its part inside the image, for the skeleton.
 */
export function drawNetwork(wireframe: Wireframe, network: Network, { width, height, pixel }: Raster, brightnessOf: (radius: number) => number): DrawnNetwork {
  const brightness = new Float32Array(width * height), mask = new Uint8Array(width * height), skeleton = new Uint8Array(width * height);
  // A line passes within √2/2 of a pixel's side from the centre of each pixel that it crosses.
  const thinnest = (Math.SQRT2 / 2) * pixel;
  for (const segment of wireframe.segments) {
    const a = { x: wireframe.x[segment.a]!, y: wireframe.y[segment.a]!, radius: segment.radiusA }, b = { x: wireframe.x[segment.b]!, y: wireframe.y[segment.b]!, radius: segment.radiusB };
    const reach = Math.max(a.radius, b.radius) + pixel;
    const x0 = Math.max(0, Math.floor((Math.min(a.x, b.x) - reach) / pixel)), x1 = Math.min(width - 1, Math.floor((Math.max(a.x, b.x) + reach) / pixel));
    const y0 = Math.max(0, Math.floor((Math.min(a.y, b.y) - reach) / pixel)), y1 = Math.min(height - 1, Math.floor((Math.max(a.y, b.y) + reach) / pixel));
    const dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    for (let y = y0; y <= y1; y++) {
      for (let x = x0; x <= x1; x++) {
        const px = (x + 0.5) * pixel - a.x, py = (y + 0.5) * pixel - a.y;
        const t = square > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / square)) : 0;
        const distance = Math.hypot(px - t * dx, py - t * dy), radius = a.radius + t * (b.radius - a.radius);
        const at = y * width + x;
        if (distance <= Math.max(radius, thinnest)) mask[at] = 1;
        const covered = Math.max(0, Math.min(distance + pixel / 2, radius) - Math.max(distance - pixel / 2, -radius)) / pixel;
        if (covered > 0) brightness[at] = Math.max(brightness[at]!, covered * brightnessOf(radius));
      }
    }
  }
  for (const { points } of network.branches) drawCentreline(skeleton, points, { width, height, pixel });
  // A line from pixel to pixel may step on a neighbour of the pixels that the true line crosses.
  for (let i = 0; i < mask.length; i++) if (skeleton[i]) mask[i] = 1;
  return { brightness, mask, skeleton };
}

/** Bresenham's line from pixel to pixel: 8-connected, one pixel wide. */
function drawCentreline(plane: Uint8Array, points: readonly { readonly x: number; readonly y: number }[], { width, height, pixel }: Raster): void {
  const column = (x: number) => Math.min(width - 1, Math.max(0, Math.floor(x / pixel))), row = (y: number) => Math.min(height - 1, Math.max(0, Math.floor(y / pixel)));
  for (let i = 1; i < points.length; i++) {
    let x = column(points[i - 1]!.x), y = row(points[i - 1]!.y);
    const toX = column(points[i]!.x), toY = row(points[i]!.y);
    const dx = Math.abs(toX - x), dy = -Math.abs(toY - y), stepX = x < toX ? 1 : -1, stepY = y < toY ? 1 : -1;
    let error = dx + dy;
    for (;;) {
      plane[y * width + x] = 1;
      if (x === toX && y === toY) break;
      const twice = 2 * error;
      if (twice >= dy) { error += dy; x += stepX; }
      if (twice <= dx) { error += dx; y += stepY; }
    }
  }
}
