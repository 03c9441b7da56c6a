/**
 * Share of a disc of radius `disc` that a circle of radius `radius`, its centre at `distance`, covers: the area of the
 * lens that two circles share over π·disc². Summed over a grid of pixels it gives the circle's own area.
 */
export function coverDisc(distance: number, radius: number, disc: number): number {
  if (distance >= radius + disc) return 0;
  if (distance <= radius - disc) return 1;
  if (distance <= disc - radius) return (radius * radius) / (disc * disc);
  const d2 = distance * distance;
  const r2 = radius * radius;
  const q2 = disc * disc;
  const a = Math.acos(Math.min(1, Math.max(-1, (d2 + r2 - q2) / (2 * distance * radius))));
  const b = Math.acos(Math.min(1, Math.max(-1, (d2 + q2 - r2) / (2 * distance * disc))));
  return (r2 * (a - Math.sin(2 * a) / 2) + q2 * (b - Math.sin(2 * b) / 2)) / (Math.PI * q2);
}
