/** A plane of an image: its time point and its place along z. */
export interface PlanePlace {
  readonly t: number;
  readonly z: number;
}

/** Every plane of an image, time point after time point. */
export function* planesOf({
  frames,
  depth,
}: {
  readonly frames: number;
  readonly depth: number;
}): Generator<PlanePlace> {
  for (let t = 0; t < frames; t++) {
    for (let z = 0; z < depth; z++) yield { t, z };
  }
}
