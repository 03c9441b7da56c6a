/**
 * matplotlib's colour map inferno (Smith and van der Walt, 2015, CC0), every fifth of its 256 entries;
 * linear interpolation between them stays within 1.2 of 255 of the whole table.
 */
const anchors =
  '00000402020c0504170a072210092d160b391e0c45260c512f0a5b380962400a67490b6a510e6c59106e61136e69166e71196e781c6d' +
  '801f6c88226a902568982766a02a63a82e5fb0315bb73557bf3952c63d4dcc4248d34743d94d3ddf5337e45a31e9612bed6925f1711f' +
  'f47918f78212f98b0bfa9407fb9d07fca60cfcb014fbba1ffac42af8cd37f6d746f4e156f2ea69f2f27df5f992fcffa4';

/** The map as 256 RGB triples: entry i is the colour of the value i / 255. */
export const inferno: Uint8Array = interpolateAnchors();

/** The entry of a colour map of `entries` colours for a value in the window. */
export function levelOf(value: number, [low, high]: readonly [number, number] = [0, 1], entries = 256): number {
  return Math.round((entries - 1) * Math.min(1, Math.max(0, (value - low) / (high - low))));
}

/** Values in [0, 1] as RGB pixels, [n · 3], in 0..255. */
export function paintInferno(values: Float32Array): Uint8Array {
  const pixels = new Uint8Array(values.length * 3);
  values.forEach((value, i) => {
    const entry = 3 * levelOf(value);
    pixels.set(inferno.subarray(entry, entry + 3), 3 * i);
  });
  return pixels;
}

function interpolateAnchors(): Uint8Array {
  const table = new Uint8Array(256 * 3);
  const channel = (anchor: number, k: number) =>
    parseInt(anchors.slice(anchor * 6 + k * 2, anchor * 6 + k * 2 + 2), 16);
  const last = anchors.length / 6 - 1;
  for (let i = 0; i < 256; i++) {
    const low = Math.min(last - 1, Math.floor(i / 5));
    const t = (i - low * 5) / 5;
    for (let k = 0; k < 3; k++) table[i * 3 + k] = Math.round(channel(low, k) * (1 - t) + channel(low + 1, k) * t);
  }
  return table;
}

/** A pale grey ramp from white down to `darkest` (0..255): what networks are drawn over. */
export function paleRamp(darkest: number): Uint8Array {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) table.fill(Math.round(255 - (255 - darkest) * (i / 255)), i * 3, i * 3 + 3);
  return table;
}
