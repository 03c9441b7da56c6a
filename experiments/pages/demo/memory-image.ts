import type { Image } from '@lacuna/core';
import type { ImageRegion, OpenImage } from '@lacuna/datasets';

/** An image in memory as one that is read plane by plane, as whole planes alone. */
export function memoryImage(image: Image, like: Pick<OpenImage, 'dtype' | 'bits' | 'channelLayout'>): OpenImage {
  const { width, height, depth, channels, name, dataRange, pixelSize, data } = image;
  const plane = width * height * channels;
  return {
    name,
    path: name,
    width,
    height,
    depth,
    frames: 1,
    channels,
    dtype: like.dtype,
    bits: like.bits,
    channelLayout: like.channelLayout,
    dataRange,
    pixelSize,
    axes: channels > 1 ? 'zyxc' : 'zyx',
    software: '',
    notes: [],
    readRegion: async ({ z = 0 }: ImageRegion = {}) => data.slice(z * plane, (z + 1) * plane),
    close: async () => undefined,
  };
}
