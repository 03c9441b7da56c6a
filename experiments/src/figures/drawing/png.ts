import { Resvg } from '@resvg/resvg-js';
import { fontFiles } from './fonts.js';
import { fontFamily, pageWidth } from './theme.js';

/** Dots an inch of the PNG: 2126 px over 180 mm. */
const pngDpi = 300;

/** The figure as PNG, 300 dpi, with the bundled face only. */
export function renderPng(svg: string): Buffer {
  const resvg = new Resvg(svg, {
    font: { loadSystemFonts: false, fontFiles: [fontFiles.normal, fontFiles.bold], defaultFontFamily: fontFamily },
    fitTo: { mode: 'width', value: Math.round((pageWidth / 72) * pngDpi) },
    background: 'white',
  });
  return resvg.render().asPng();
}
