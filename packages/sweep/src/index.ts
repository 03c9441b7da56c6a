export { canonicalJson } from './spec/canonical-json.js';
export {
  END_OF_OUTPUT,
  type Executor,
  type Job,
  type JobEnd,
  type JobHandle,
  type JobMessage,
  type RunningJob,
  type TrialMessage,
  type Validation,
  type Verdict,
} from './executor/executor.js';
export { localExecutor, type LocalExecutorOptions } from './executor/local-executor.js';
export { Journal, readJournal, type JournalEntry, type TrialState } from './run/journal.js';
export { type Link } from './plan/follow.js';
export { LIMITS } from './spec/limits.js';
export { lockSweep } from './run/lock.js';
export { mergeTrees, setPath } from './spec/merge-trees.js';
export { parseTree } from './spec/parse-tree.js';
export { tooDeepAt } from './spec/yaml-depth.js';
export { loadSweep, planTree, type PlanOptions, type Sweep } from './plan/plan.js';
export type { Trial } from './plan/trial-list.js';
export { type BudgetSpec } from './budget/budget-spec.js';
export { withinBudget, type BudgetOptions } from './budget/budget.js';
export { keepPoint, readPoints, type KeptPoint } from './search/points.js';
export type { Objectives, Search } from './search/plan-search.js';
export { searchSource, type AskedPoint, type SearchSourceOptions, type TrialOutcome } from './search/search-source.js';
export type { SearchSpec } from './search/search-spec.js';
export { METHOD } from './search/space.js';
export { Study, type Label, type Labels, type StudyEnd, type StudyTrial } from './search/study.js';
export { ProgressDisplay, formatDuration, type TrialLine } from './run/progress.js';
export { executorKinds, executorSpec, secondsOf, type ExecutorKind, type QueueSpec } from './queue/executor-spec.js';
export { IDLE_STARTS, RULES, isQueuedAgain, type EndCounts, type TrialEnding } from './queue/rules.js';
export { schedulerOf } from './queue/schedulers.js';
export type { Scheduler } from './queue/scheduler.js';
export {
  askSchedulers,
  readSubmission,
  readSubmissions,
  writeSubmission,
  type Submission,
  type TrialJobStanding,
} from './queue/submissions.js';
export { readTaskRecord, writeTaskRecord, type TaskProgress, type TaskRecord } from './queue/task-record.js';
export { readTree } from './spec/read-tree.js';
export { listedJobs, type JobSource, type QueuedJob, type TrialEnd } from './run/job-source.js';
export { runJobs, type JobsSummary, type RunJobsOptions } from './run/run-jobs.js';
export { applySets } from './spec/sets.js';
export { sweepShape } from './plan/sweep-shape.js';
export {
  createResampler,
  hierarchicalBootstrap,
  type BootstrapOptions,
  type Interval,
  type Resampler,
  type SeedScores,
} from './statistics/bootstrap.js';
export {
  criticalDifference,
  friedman,
  studentizedRangeQuantile,
  type CriticalDifference,
  type Friedman,
} from './statistics/critical-difference.js';
export { holm } from './statistics/holm.js';
export { pairedDifference, type ExchangeUnit, type PairedDifference, type PairedOptions } from './statistics/paired.js';
export { controlRisk, type ControlledRisk } from './statistics/risk-control.js';
export { areaUnderRoc } from './statistics/roc.js';
export { wilsonInterval } from './statistics/wilson.js';
export { estimate, studentQuantile, type Estimate } from './statistics/student-t.js';
export { formatEstimate, renderTable, type Column } from './table.js';
export { formatPlace, plain, type Place, type Tree } from './spec/tree.js';
export { SpecError, parseWith, refuse } from './spec/validate.js';
