export { chooseCrop, type CropEvidence } from './panel/crop.js';
export { drawDoubtCurve, drawRiskCurve } from './evidence/doubt.js';
export { drawEvidence } from './evidence/evidence.js';
export { drawFigures, type DrawnFigure } from './draw.js';
export { drawComparedNetworks } from './compared/compared-networks.js';
export { drawRankings } from './charts/critical-difference.js';
export { drawDisagreement } from './charts/disagreement.js';
export { disagreementFromResults, disagreementFromRows } from './charts/disagreement-from-results.js';
export { drawFirstLayer } from './evidence/first-layer.js';
export { drawFilterBank } from './evidence/filter-bank.js';
export { drawForwardModels, type FieldView } from './charts/forward-models.js';
export { drawPanel } from './panel/panel.js';
export { drawSurvey, type SurveyedImage } from './charts/survey.js';
export { drawScoresVsCost } from './charts/scores-vs-cost.js';
export { drawTrainingCurves } from './charts/training-curves.js';
export { renderFigure } from './drawing/render.js';
export { methodStyle, type MethodStyle } from './drawing/theme.js';
export { networkMarks, type TestImages } from './panel/network-marks.js';
export { volumeFromImages } from './volumes/volume-from-images.js';
export * from './evidence/evidence-types.js';
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
