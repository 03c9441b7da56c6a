import PDFDocument from 'pdfkit';
import { fontFiles } from './fonts.js';

let ruler: InstanceType<typeof PDFDocument> | undefined;

/** Width of a line of text in points, from the metrics of the bundled face. */
export function textWidth(content: string, fontSize: number, weight: 'normal' | 'bold' = 'normal'): number {
  ruler ??= new PDFDocument({ autoFirstPage: false });
  return ruler.font(weight === 'bold' ? fontFiles.bold : fontFiles.normal).fontSize(fontSize).widthOfString(content);
}
