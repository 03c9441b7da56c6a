export { chooseCrop, type CropEvidence } from './crop.js';
export { drawDoubtCurve, drawRiskCurve } from './doubt.js';
export { drawEvidence } from './evidence.js';
export { drawFigures, type DrawnFigure } from './draw.js';
export { drawComparedNetworks } from './compared-networks.js';
export { drawRankings } from './critical-difference.js';
export { drawDisagreement } from './disagreement.js';
export { disagreementFromResults, disagreementFromRows } from './disagreement-from-results.js';
export { drawFirstLayer } from './first-layer.js';
export { drawFilterBank } from './filter-bank.js';
export { drawForwardModels, type FieldView } from './forward-models.js';
export { drawPanel } from './panel.js';
export { drawSurvey, type SurveyedImage } from './survey.js';
export { drawScoresVsCost } from './scores-vs-cost.js';
export { drawTrainingCurves } from './training-curves.js';
export { renderFigure } from './render.js';
export { methodStyle, type MethodStyle } from './theme.js';
export { networkMarks, type TestImages } from './network-marks.js';
export { volumeFromImages } from './volume-from-images.js';
export * from './evidence-types.js';
export * from './types.js';
export {
  costsFromResults,
  curvesFromTrials,
  methodsInOrder,
  panelFromImages,
  testEstimate,
  type ShownCurve,
  type ShownMetric,
  type TrialRecord,
} from './from-results.js';
