import { bodyLevel, bodyReach } from './body.js';
import { drawSkeleton } from './centreline.js';
import type { Network, Wireframe } from './network.js';
import { coverDisc } from './coverage.js';
import type { Raster } from './raster.js';

/** Planes of a drawn network, [depth · height · width]. */
export interface DrawnNetwork {
  /** Brightness: the strongest tube at each pixel, times the share of the pixel that it covers. */
  readonly brightness: Float32Array;
  /** 1 inside a tube, and where the centreline of one thinner than a pixel passes, so that it stays in one piece. */
  readonly mask: Uint8Array;
  /** 1 on the centrelines: lines one pixel wide, 8-connected (26 in volumes). */
  readonly skeleton: Uint8Array;
}

/**
 * Draws a network. In a plane a tube of radius r at distance d from a pixel's centre covers the share |[d - p/2, d +
 * p/2] ∩ [-r, r]| / p of a pixel of side p: area sampling across the tube. In a volume it covers the share that two
 * discs have in common: the tube's cross-section and a disc as large as the voxel's own cross-section across the tube,
 * so that thin tubes keep their light.
 * @param wireframe every tube, also those whose centreline lies outside and whose body reaches in.
 * @param network its part inside the image, for the skeleton.
 */
export function drawNetwork(
  wireframe: Wireframe,
  network: Network,
  raster: Raster,
  brightnessOf: (radius: number) => number,
): DrawnNetwork {
  const count = raster.width * raster.height * raster.depth;
  const brightness = new Float32Array(count);
  const mask = new Uint8Array(count);
  const skeleton = new Uint8Array(count);
  if (raster.depth === 1) drawTubesInPlane(wireframe, raster, brightness, mask, brightnessOf);
  else drawTubesInVolume(wireframe, raster, brightness, mask, brightnessOf);
  drawBodies(wireframe, raster, brightness, mask, brightnessOf);
  drawSkeleton(skeleton, network, raster);
  // A line from pixel to pixel may step on a neighbour of the pixels that the true line crosses.
  for (let i = 0; i < count; i++) if (skeleton[i]) mask[i] = 1;
  return { brightness, mask, skeleton };
}

function drawTubesInPlane(
  wireframe: Wireframe,
  { width, height, pixel: { x: pixel } }: Raster,
  brightness: Float32Array,
  mask: Uint8Array,
  brightnessOf: (radius: number) => number,
): void {
  // A line passes within √2/2 of a pixel's side from the centre of each pixel that it crosses.
  const thinnest = (Math.SQRT2 / 2) * pixel;
  for (const segment of wireframe.segments) {
    const a = { x: wireframe.x[segment.a], y: wireframe.y[segment.a], radius: segment.radiusA };
    const b = { x: wireframe.x[segment.b], y: wireframe.y[segment.b], radius: segment.radiusB };
    const reach = Math.max(a.radius, b.radius) + pixel;
    const x0 = Math.max(0, Math.floor((Math.min(a.x, b.x) - reach) / pixel));
    const x1 = Math.min(width - 1, Math.floor((Math.max(a.x, b.x) + reach) / pixel));
    const y0 = Math.max(0, Math.floor((Math.min(a.y, b.y) - reach) / pixel));
    const y1 = Math.min(height - 1, Math.floor((Math.max(a.y, b.y) + reach) / pixel));
    const dx = b.x - a.x;
    const dy = b.y - a.y;
    const square = dx * dx + dy * dy;
    for (let y = y0; y <= y1; y++) {
      for (let x = x0; x <= x1; x++) {
        const px = (x + 0.5) * pixel - a.x;
        const py = (y + 0.5) * pixel - a.y;
        const t = square > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / square)) : 0;
        const distance = Math.hypot(px - t * dx, py - t * dy);
        const radius = a.radius + t * (b.radius - a.radius);
        const at = y * width + x;
        if (distance <= Math.max(radius, thinnest)) mask[at] = 1;
        const covered =
          Math.max(0, Math.min(distance + pixel / 2, radius) - Math.max(distance - pixel / 2, -radius)) / pixel;
        if (covered > 0) brightness[at] = Math.max(brightness[at], covered * brightnessOf(radius));
      }
    }
  }
}

function drawTubesInVolume(
  wireframe: Wireframe,
  { width, height, depth, pixel }: Raster,
  brightness: Float32Array,
  mask: Uint8Array,
  brightnessOf: (radius: number) => number,
): void {
  const { x: vx, y: vy, z: vz, segments } = wireframe;
  const { x: px, y: py, z: pz } = pixel;
  const volume = px * py * pz;
  for (const { a, b, radiusA, radiusB } of segments) {
    const ax = vx[a];
    const ay = vy[a];
    const az = vz[a];
    const dx = vx[b] - ax;
    const dy = vy[b] - ay;
    const dz = vz[b] - az;
    const square = dx * dx + dy * dy + dz * dz;
    const length = Math.sqrt(square);
    // A voxel's cross-section across the tube: its volume over the chord along the tube.
    const chord =
      length === 0 ? Math.min(px, py, pz) : length / Math.max(Math.abs(dx) / px, Math.abs(dy) / py, Math.abs(dz) / pz);
    const disc = Math.sqrt(volume / chord / Math.PI);
    const reach = Math.max(radiusA, radiusB) + disc;
    const x0 = Math.max(0, Math.ceil((Math.min(ax, ax + dx) - reach) / px - 0.5));
    const x1 = Math.min(width - 1, Math.floor((Math.max(ax, ax + dx) + reach) / px - 0.5));
    const y0 = Math.max(0, Math.ceil((Math.min(ay, ay + dy) - reach) / py - 0.5));
    const y1 = Math.min(height - 1, Math.floor((Math.max(ay, ay + dy) + reach) / py - 0.5));
    const z0 = Math.max(0, Math.ceil((Math.min(az, az + dz) - reach) / pz - 0.5));
    const z1 = Math.min(depth - 1, Math.floor((Math.max(az, az + dz) + reach) / pz - 0.5));
    const even = radiusA === radiusB;
    const shade = brightnessOf(radiusA);
    const shadeChange = even ? 0 : brightnessOf(radiusB) - shade;
    for (let k = z0; k <= z1; k++) {
      const qz = (k + 0.5) * pz - az;
      for (let j = y0; j <= y1; j++) {
        const qy = (j + 0.5) * py - ay;
        const row = (k * height + j) * width;
        for (let i = x0; i <= x1; i++) {
          const qx = (i + 0.5) * px - ax;
          let t = square > 0 ? (qx * dx + qy * dy + qz * dz) / square : 0;
          if (t < 0) t = 0;
          else if (t > 1) t = 1;
          const ex = qx - t * dx;
          const ey = qy - t * dy;
          const ez = qz - t * dz;
          const away = ex * ex + ey * ey + ez * ez;
          const radius = even ? radiusA : radiusA + t * (radiusB - radiusA);
          const limit = radius + disc;
          if (away >= limit * limit) continue;
          const distance = Math.sqrt(away);
          if (distance <= radius) mask[row + i] = 1;
          const light = coverDisc(distance, radius, disc) * (shade + t * shadeChange);
          if (light > brightness[row + i]) brightness[row + i] = light;
        }
      }
    }
  }
}

function drawBodies(
  { bodies }: Wireframe,
  { width, height, depth, pixel }: Raster,
  brightness: Float32Array,
  mask: Uint8Array,
  brightnessOf: (radius: number) => number,
): void {
  for (const body of bodies) {
    const reach = bodyReach(body);
    const shade = brightnessOf(body.semiAxes[2]);
    const edge = depth === 1 ? pixel.x : Math.cbrt(pixel.x * pixel.y * pixel.z);
    const from = (centre: number, half: number, side: number) => Math.max(0, Math.floor((centre - half - edge) / side));
    const to = (centre: number, half: number, side: number, count: number) =>
      Math.min(count - 1, Math.floor((centre + half + edge) / side));
    const { x, y, z } = body.centre;
    for (let k = from(z, reach.z, pixel.z); k <= to(z, reach.z, pixel.z, depth); k++) {
      for (let j = from(y, reach.y, pixel.y); j <= to(y, reach.y, pixel.y, height); j++) {
        for (let i = from(x, reach.x, pixel.x); i <= to(x, reach.x, pixel.x, width); i++) {
          const level = bodyLevel(body, {
            x: (i + 0.5) * pixel.x,
            y: (j + 0.5) * pixel.y,
            z: depth === 1 ? z : (k + 0.5) * pixel.z,
          });
          const at = (k * height + j) * width + i;
          if (level <= 1) mask[at] = 1;
          // Distance to the surface, by the shortest axis: enough for the one pixel in which brightness falls off.
          const covered = Math.min(1, Math.max(0, 0.5 + ((1 - level) * body.semiAxes[2]) / edge));
          if (covered * shade > brightness[at]) brightness[at] = covered * shade;
        }
      }
    }
  }
}
