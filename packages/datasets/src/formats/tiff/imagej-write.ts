import type { PixelSize } from '@lacuna/core';

/** What ImageJ is told of a stack. */
export interface ImagejStack {
  readonly depth: number;
  readonly frames?: number;
  readonly channels: number;
  readonly pixelSize: PixelSize | null;
  /** Shown range. */
  readonly dataRange: readonly [number, number] | null;
}

/** ImageJ's description of a stack: channels change fastest, then slices, then frames. */
export function imagejDescription(
  { depth, frames = 1, channels, pixelSize, dataRange }: ImagejStack,
  channelLayout: 'interleaved' | 'pages' = 'interleaved',
): string {
  const pages = channelLayout === 'pages' ? channels : 1;
  const axes = [pages, depth, frames].filter((size) => size > 1).length;
  const lines = [
    'ImageJ=1.54f',
    `images=${frames * depth * pages}`,
    ...(pages > 1 ? [`channels=${pages}`] : []),
    ...(depth > 1 ? [`slices=${depth}`] : []),
    ...(frames > 1 ? [`frames=${frames}`] : []),
    ...(pages > 1 || axes > 1 ? ['hyperstack=true'] : []),
    ...(channels === 3 || pages > 1 ? ['mode=composite'] : []),
  ];
  if (pixelSize) {
    lines.push(`unit=${pixelSize.unit === 'um' ? 'micron' : pixelSize.unit}`);
    if (pixelSize.z !== undefined) lines.push(`spacing=${pixelSize.z}`);
  }
  if (dataRange) lines.push(`min=${dataRange[0]}`, `max=${dataRange[1]}`);
  return [...lines, ''].join('\n');
}
