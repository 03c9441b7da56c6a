/**
 * One look for all figures: 180 mm wide, the page width of most journals, in points (1/72 inch) throughout.
 * Colours are those of Okabe and Ito ("Color Universal Design", 2008), which stay apart for the common kinds of
 * colour blindness; shapes and line widths say the same again for black and white print.
 */
export const widthMm = 180;
/** 180 mm in points. */
export const pageWidth = (widthMm / 25.4) * 72;

export const fontFamily = 'DejaVu Sans Condensed';
/** What a browser falls back to where the figure is shown inline: faces of about the same width. */
export const fontStack = `'${fontFamily}','DejaVu Sans',Arial,sans-serif`;

export const size = { title: 8.5, label: 7, small: 6 } as const;

export const ink = { text: '#1a1a1a', soft: '#5c5c5c', rule: '#b8b8b8', grid: '#e9e9e9', paper: '#ffffff' } as const;

/** Found, missed and invented branches: blue, vermillion and reddish purple of the palette. */
export const markColour = { found: '#0072b2', missed: '#d55e00', invented: '#cc79a7' } as const;

/** Dashes and gaps, px, that say the same as the colours. */
export const markDash = { found: [], missed: [7, 4], invented: [2, 3] } as const;

/** Yellow of the palette: the edge of branches that little speaks for. */
export const doubtColour = '#f0e442';

const palette = ['#000000', '#0072b2', '#e69f00', '#cc79a7', '#009e73', '#56b4e9', '#d55e00'] as const;
const shapes = ['circle', 'square', 'triangle', 'diamond', 'disc', 'cross', 'pentagon'] as const;

type MarkerShape = (typeof shapes)[number];

/** How a method looks in every figure and in MLflow's charts. */
export interface MethodStyle {
  readonly colour: string;
  readonly shape: MarkerShape;
  /** SVG dash array; empty for a solid line. Only methods beyond the palette's seven are dashed. */
  readonly dash: string;
}

/** By how many shapes a colour that comes again is apart from its first one. */
const SHIFT = 3;

/** The style of the method at `index` of the sweep's order: 49 pairs of colour and shape before one comes again. */
export function methodStyle(index: number): MethodStyle {
  const round = Math.floor(index / palette.length);
  return {
    colour: palette[index % palette.length],
    shape: shapes[(index + SHIFT * round) % shapes.length],
    dash: round === 0 ? '' : `${2 + round} ${1 + round}`,
  };
}
