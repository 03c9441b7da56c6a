/** What a figure may be written as beside SVG. */
export const FIGURE_FORMATS = ['pdf', 'png'] as const;
export type FigureFormat = (typeof FIGURE_FORMATS)[number];
