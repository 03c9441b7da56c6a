import type { LacunaTrial } from '../plan/plan.js';
import type { TestScores, TrialResult } from './results.js';
import type { CommonSpec } from '../spec/spec.js';

/** Trials that answer one question: all methods and seeds at one point of the axes. */
export interface Comparison {
  readonly title: string;
  readonly trials: readonly LacunaTrial[];
  readonly results: readonly TrialResult[];
  /** What the HR images themselves score, where the network is known: once for each fold of a cross-validation. */
  readonly ceilings: readonly TestScores[];
  /** To which method the others are held, and how. */
  readonly compare: CommonSpec['compare'];
  /** What the emissions of its energy are told by. */
  readonly energy: CommonSpec['energy'];
}
