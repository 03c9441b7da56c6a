import { FailureError } from '@lacuna/core';
import PDFDocument from 'pdfkit';
import svgToPdf from 'svg-to-pdfkit';
import { fontFiles } from './fonts.js';
import { pageWidth } from './theme.js';

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

function viewBoxHeight(svg: string): number {
  const match = /viewBox="0 0 [\d.]+ ([\d.]+)"/.exec(svg);
  if (!match)
    throw new FailureError({ who: 'renderPdf', got: 'an SVG without a view box', wanted: 'a figure of this package' });
  return Number(match[1]);
}

function titleOf(svg: string): string {
  return /<title>([^<]*)<\/title>/.exec(svg)?.[1] ?? '';
}
