import type { Image } from '@lacuna/core';
import { inferno, levelOf } from '../drawing/inferno.js';
import { embeddedPicture } from '../drawing/picture.js';
import { chooseScaleBar, drawScaleBar } from '../drawing/scale-bar.js';
import { figure, text } from '../drawing/svg.js';
import { ink, pageWidth, size } from '../drawing/theme.js';

/** One picture: a field of view at its own pixel size. */
export interface FieldView {
  readonly name: string;
  readonly image: Image;
  readonly lines: readonly string[];
}

const gap = 6;
const columns = 3;
const head = 10;
const foot = 24;

/**
 * One fine image and what forward models make of it: visible pixels, inferno from 0 to 1, a scale bar in each, and what
 * was done.
 */
export function drawForwardModels(views: readonly FieldView[], title: string): string {
  const width = (pageWidth - gap * (columns - 1)) / columns;
  const { width: fineWidth, height: fineHeight, pixelSize } = views[0].image;
  const scale = width / fineWidth;
  const height = fineHeight * scale;
  const bar = chooseScaleBar(fineWidth, pixelSize);
  const rows = Math.ceil(views.length / columns);
  const cell = head + height + foot;
  return figure(
    16 + rows * cell,
    { title, description: views.map(({ name, lines }) => `${name}: ${lines.join('; ')}`).join('. ') },
    text(0, 8, title, { size: size.title, weight: 'bold' }),
    ...views.map(({ name, image, lines }, i) => {
      const x = (i % columns) * (width + gap);
      const y = 16 + Math.floor(i / columns) * cell;
      const indices = Uint8Array.from(image.data, (value) => levelOf(value));
      const frame = { x, y: y + head, width, height };
      return (
        text(x, y + 7, `${name}, ${image.width} × ${image.height} px`, { weight: 'bold' }) +
        embeddedPicture(indices, image, inferno, frame) +
        drawScaleBar(bar, { ...frame, scale, colour: '#ffffff', shadow: '#000000' }) +
        lines
          .map((line, k) => text(x, y + head + height + 7.5 + 7.5 * k, line, { size: size.small, fill: ink.soft }))
          .join('')
      );
    }),
  );
}
