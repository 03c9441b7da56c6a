export {
  divergenceWarnings,
  leaderboardFromResults,
  ownLevelBoard,
  trainingData,
  type Leaderboard,
} from './from-results.js';
export { packRegions, type PackedRegion } from './pack-regions.js';
export { packVolumes, type PackedVolumes } from './pack-volumes.js';
export { renderReport, writeReport } from './report.js';
export type { ReportColumn, ReportData, ReportFigure, ReportRow, ReportTable } from './types.js';
