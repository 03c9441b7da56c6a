import { join } from 'node:path';
import { writeFileAtomic } from '@lacuna/core';
import { FIGURE_FORMATS, type FigureFormat } from './formats.js';

/** Where one figure lies: as SVG always, and in the formats that were asked for. */
export interface FigureFiles extends Readonly<Partial<Record<FigureFormat, string>>> {
  readonly svg: string;
}

/** Where a figure goes. */
export interface FigurePlace {
  readonly outDir: string;
  /** File name without extension. */
  readonly name: string;
  /** All by default. */
  readonly formats?: readonly FigureFormat[];
}

/** What draws a format is loaded when it is asked for: it is large. */
const render: Readonly<Record<FigureFormat, (svg: string) => Promise<Buffer>>> = {
  pdf: async (svg) => (await import('./pdf.js')).renderPdf(svg),
  png: async (svg) => (await import('./png.js')).renderPng(svg),
};

/**
 * Writes `name.svg`, and `name.pdf` and `name.png` where they are asked for, into a folder, each whole or not at all (a
 * temporary file, then renamed). The same SVG text gives the same bytes in all of them.
 */
export async function renderFigure(
  svg: string,
  { outDir, name, formats = FIGURE_FORMATS }: FigurePlace,
): Promise<FigureFiles> {
  const at = (extension: string) => join(outDir, `${name}.${extension}`);
  const svgFile = at('svg');
  writeFileAtomic(svgFile, svg);
  const others: Partial<Record<FigureFormat, string>> = {};
  for (const format of formats) {
    const path = at(format);
    writeFileAtomic(path, await render[format](svg));
    others[format] = path;
  }
  return { svg: svgFile, ...others };
}
