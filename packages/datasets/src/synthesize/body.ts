import { add, dot, unit, vector, type Vector } from './vector.js';
import type { Body } from './network.js';

/** Half sides of the box around an ellipsoid: along x, √Σ (axis_x · semi-axis)². */
export function bodyReach({ axes, semiAxes }: Body): Vector {
  const along = (axis: 'x' | 'y' | 'z') =>
    Math.hypot(axes[0][axis] * semiAxes[0], axes[1][axis] * semiAxes[1], axes[2][axis] * semiAxes[2]);
  return vector(along('x'), along('y'), along('z'));
}

/** Place on the surface in a direction of the unit sphere, and the outward normal there. */
export function bodySurface({ centre, axes, semiAxes }: Body, direction: Vector): { place: Vector; normal: Vector } {
  const parts = axes.map((axis) => dot(axis, direction));
  let place = centre;
  let normal = vector(0, 0, 0);
  axes.forEach((axis, i) => {
    place = add(place, axis, parts[i] * semiAxes[i]);
    normal = add(normal, axis, parts[i] / semiAxes[i]);
  });
  return { place, normal: unit(normal) };
}

/** Below 1 inside the ellipsoid, 1 on its surface. */
export function bodyLevel({ centre, axes, semiAxes }: Body, place: Vector): number {
  const from = add(place, centre, -1);
  return Math.sqrt(axes.reduce((sum, axis, i) => sum + (dot(axis, from) / semiAxes[i]) ** 2, 0));
}

/** Volume of an ellipsoid, 4/3 π abc. */
export const bodyVolume = ({ semiAxes: [a, b, c] }: Pick<Body, 'semiAxes'>): number => (4 / 3) * Math.PI * a * b * c;
