import PDFDocument from 'pdfkit';
import { fontFiles } from './fonts.js';

let ruler: InstanceType<typeof PDFDocument> | undefined;

/** Width of a line of text in points, from the metrics of the bundled face. */
export function textWidth(content: string, fontSize: number, weight: 'normal' | 'bold' = 'normal'): number {
  ruler ??= new PDFDocument({ autoFirstPage: false });
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
