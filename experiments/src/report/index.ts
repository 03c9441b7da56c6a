export { renderReport, writeReport } from './report.js';
export type { ReportColumn, ReportData, ReportFigure, ReportRow } from './types.js';
