export { chooseCrop, type CropEvidence } from './crop.js';
export { drawFigures, type DrawnFigure } from './draw.js';
export { drawPanel } from './panel.js';
export { drawScoresVsCost } from './scores-vs-cost.js';
export { drawTrainingCurves } from './training-curves.js';
export { renderFigure, renderPdf, renderPng, type FigureFiles } from './render.js';
export { methodStyle, type MethodStyle } from './theme.js';
export * from './types.js';
export { costsFromResults, curvesFromTrials, methodsInOrder, panelFromImages, testEstimate, type PanelImages, type ShownCurve, type ShownMetric, type TrialRecord } from './from-results.js';
