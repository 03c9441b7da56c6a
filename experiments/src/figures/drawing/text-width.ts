import { createRequire } from 'node:module';
import type PDFDocument from 'pdfkit';
import { fontFiles } from './fonts.js';

let ruler: InstanceType<typeof PDFDocument> | undefined;

/** Loaded when the first text is measured: it takes as long as a fifth of the start of `lacuna sweep`. */
function openRuler(): InstanceType<typeof PDFDocument> {
  const Document = createRequire(import.meta.url)('pdfkit') as typeof PDFDocument;
  return new Document({ autoFirstPage: false });
}

/** Width of a line of text in points, from the metrics of the bundled face. */
export function textWidth(content: string, fontSize: number, weight: 'normal' | 'bold' = 'normal'): number {
  ruler ??= openRuler();
  return ruler
    .font(weight === 'bold' ? fontFiles.bold : fontFiles.normal)
    .fontSize(fontSize)
    .widthOfString(content);
}

/** The text, or as much of its beginning as fits with an ellipsis. */
export function fitText(
  content: string,
  width: number,
  fontSize: number,
  weight: 'normal' | 'bold' = 'normal',
): string {
  if (textWidth(content, fontSize, weight) <= width) return content;
  const letters = [...content];
  while (letters.length > 1 && textWidth(`${letters.join('').trimEnd()}…`, fontSize, weight) > width) letters.pop();
  return `${letters.join('').trimEnd()}…`;
}
