/** A direction or place in µm. */
export interface Vector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export const vector = (x: number, y: number, z: number): Vector => ({ x, y, z });
export const add = (a: Vector, b: Vector, scale = 1): Vector => ({
  x: a.x + scale * b.x,
  y: a.y + scale * b.y,
  z: a.z + scale * b.z,
});
export const dot = (a: Vector, b: Vector): number => a.x * b.x + a.y * b.y + a.z * b.z;
export const cross = (a: Vector, b: Vector): Vector => ({
  x: a.y * b.z - a.z * b.y,
  y: a.z * b.x - a.x * b.z,
  z: a.x * b.y - a.y * b.x,
});
export const norm = (a: Vector): number => Math.sqrt(dot(a, a));
export const unit = (a: Vector): Vector => {
  const length = norm(a);
  return { x: a.x / length, y: a.y / length, z: a.z / length };
};

/** Two unit vectors that stand on `axis` (a unit vector) and on each other. */
export function frameOf(axis: Vector): [Vector, Vector] {
  const first = unit(cross(axis, Math.abs(axis.z) < 0.9 ? { x: 0, y: 0, z: 1 } : { x: 1, y: 0, z: 0 }));
  return [first, cross(axis, first)];
}

/** Turns a direction in the plane z = const by an angle, radians. */
export function turnInPlane(direction: Vector, angle: number): Vector {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return { x: direction.x * cos - direction.y * sin, y: direction.x * sin + direction.y * cos, z: direction.z };
}

/** Turns a unit direction away from itself by `angle`, towards `azimuth` around it; radians. */
export function turnAway(direction: Vector, angle: number, azimuth: number): Vector {
  const [u, w] = frameOf(direction);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return add(
    add({ x: cos * direction.x, y: cos * direction.y, z: cos * direction.z }, u, sin * Math.cos(azimuth)),
    w,
    sin * Math.sin(azimuth),
  );
}
