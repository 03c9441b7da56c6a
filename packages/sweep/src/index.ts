export { runJobs, type ExecutorOptions, type ExecutorSummary, type Job, type TrialMessage } from './executor.js';
export { Journal, readJournal, type JournalEntry, type TrialState } from './journal.js';
export { lockSweep } from './lock.js';
export { applySets, canonicalJson, loadSweep, planTree, type PlanOptions, type Sweep, type Trial } from './plan.js';
export { ProgressDisplay, formatDuration, type TrialLine } from './progress.js';
export { estimate, studentQuantile, type Estimate } from './statistics.js';
export { formatEstimate, renderTable, type Column } from './table.js';
export { formatPlace, mergeTrees, parseTree, plain, readTree, setPath, type Place, type Tree } from './tree.js';
export { SpecError, parseWith, refuse } from './validate.js';
