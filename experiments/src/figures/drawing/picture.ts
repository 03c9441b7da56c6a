import { encodeIndexedPng } from './indexed-png.js';
import { element, type Frame } from './svg.js';

/**
 * An image as an embedded PNG whose pixels stay squares in any viewer.
 * @param indices [height·width] row-major, entries of the colour map.
 * @param colours up to 256 RGB triples.
 */
export function embeddedPicture(
  indices: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  colours: Uint8Array,
  frame: Frame,
): string {
  const png = encodeIndexedPng(indices, width, height, colours);
  return element('image', {
    ...frame,
    'xlink:href': `data:image/png;base64,${png.toString('base64')}`,
    preserveAspectRatio: 'none',
    'image-rendering': 'optimizeSpeed',
  });
}
