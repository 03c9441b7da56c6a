import { join } from 'node:path';
import { FailureError, writeFileAtomic } from '@lacuna/core';
import { Resvg } from '@resvg/resvg-js';
import PDFDocument from 'pdfkit';
import svgToPdf from 'svg-to-pdfkit';
import { fontFiles } from './fonts.js';
import { fontFamily, pageWidth } from './theme.js';

/** Where one figure lies, in its three forms. */
export interface FigureFiles {
  readonly svg: string;
  readonly pdf: string;
  readonly png: string;
}

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

/**
 * The figure as PDF, vector but for the images, fonts embedded as subsets. Dates and identifiers are fixed and streams
 * are not compressed, so equal figures are equal files.
 */
export async function renderPdf(svg: string): Promise<Buffer> {
  const height = viewBoxHeight(svg);
  const epoch = new Date(0);
  const document = new PDFDocument({
    size: [pageWidth, height],
    margin: 0,
    compress: false,
    info: { Title: titleOf(svg), Creator: 'Lacuna', Producer: 'Lacuna', CreationDate: epoch, ModDate: epoch },
  });
  const chunks: Buffer[] = [];
  const finished = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk) => chunks.push(chunk));
    document.on('end', resolve);
    document.on('error', reject);
  });
  svgToPdf(document, svg, 0, 0, {
    width: pageWidth,
    height,
    fontCallback: (_family, bold) => (bold ? fontFiles.bold : fontFiles.normal),
    warningCallback: (warning) => {
      throw new FailureError({ who: 'renderPdf', got: warning, wanted: 'a figure without it' });
    },
  });
  document.end();
  await finished;
  return Buffer.concat(chunks);
}

/**
 * Writes `name.svg`, `name.pdf` and `name.png` into a folder, each whole or not at all (a temporary file, then
 * renamed). The same SVG text gives the same bytes in all three.
 */
export async function renderFigure(svg: string, options: { outDir: string; name: string }): Promise<FigureFiles> {
  const { outDir, name } = options;
  const at = (extension: string) => join(outDir, `${name}.${extension}`);
  const files: FigureFiles = { svg: at('svg'), pdf: at('pdf'), png: at('png') };
  writeFileAtomic(files.svg, svg);
  writeFileAtomic(files.pdf, await renderPdf(svg));
  writeFileAtomic(files.png, renderPng(svg));
  return files;
}

function viewBoxHeight(svg: string): number {
  const match = /viewBox="0 0 [\d.]+ ([\d.]+)"/.exec(svg);
  if (!match)
    throw new FailureError({ who: 'renderPdf', got: 'an SVG without a view box', wanted: 'a figure of this package' });
  return Number(match[1]);
}

function titleOf(svg: string): string {
  return /<title>([^<]*)<\/title>/.exec(svg)?.[1] ?? '';
}
