// The parts of pdfkit and svg-to-pdfkit that are used here; neither package ships types.
declare module 'pdfkit' {
  interface PdfOptions {
    autoFirstPage?: boolean;
    size?: [number, number];
    margin?: number;
    compress?: boolean;
    info?: Record<string, string | Date>;
  }
  export default class PDFDocument extends NodeJS.EventEmitter {
    constructor(options?: PdfOptions);
    info: Record<string, string | Date>;
    font(file: string): this;
    fontSize(points: number): this;
    widthOfString(text: string): number;
    registerFont(name: string, file: string): this;
    on(event: 'data', listener: (chunk: Buffer) => void): this;
    on(event: 'end', listener: () => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    end(): void;
  }
}

declare module 'svg-to-pdfkit' {
  import type PDFDocument from 'pdfkit';
  interface SvgToPdfOptions {
    width?: number;
    height?: number;
    fontCallback?: (family: string, bold: boolean, italic: boolean) => string;
    warningCallback?: (warning: string) => void;
  }
  export default function svgToPdf(
    document: PDFDocument,
    svg: string,
    x: number,
    y: number,
    options?: SvgToPdfOptions,
  ): void;
}
