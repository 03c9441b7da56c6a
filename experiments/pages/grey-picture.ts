/** Grey levels, 0 to 255, as something to be drawn. */
export function greyPicture(levels: Uint8Array | Uint8ClampedArray, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  // Opaque grey, the lowest byte first.
  for (let i = 0; i < levels.length; i++) pixels[i] = 0xff00_0000 | (levels[i] * 0x0001_0101);
  context.putImageData(image, 0, 0);
  return canvas;
}
