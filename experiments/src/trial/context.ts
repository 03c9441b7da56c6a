import type { Image } from '@lacuna/core';
import type { Trial } from '@lacuna/sweep';
import type { Cost, Scores, TestScores } from '../sweep/results/results.js';
import type { CommonSpec, TrialSpec } from '../sweep/spec/spec.js';
import type { TrialTracking } from '../tracking/trial-run.js';
import type { MetricsLog } from './metrics-log.js';
import type { PreparedData } from './data/prepare.js';
import type { Protocol } from './scores/scores.js';

/** Where a trial is, as its user sees it. */
interface TrialProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number | null;
  readonly score: number | null;
  readonly stepMs: number | null;
  readonly note?: string;
}

/** What a trial is told besides its spec. */
export interface TrialOptions {
  readonly trial: Trial<TrialSpec>;
  /** The trial's own folder; see `layout`. */
  readonly folder: string;
  /** What the trials of a sweep make once for all of them; see `layout`. */
  readonly shared: string;
  /** Which images the trial keeps, and how many bytes of them; the shared pairs may take as many. */
  readonly keep: { readonly images: CommonSpec['keep']['images']; readonly bytes: number };
  /** The model file that training begins with; null where weights are drawn. */
  readonly initialWeights: string | null;
  /** The model file of its teacher; null where it has none. */
  readonly teacher: string | null;
  /** Relative paths of the spec are taken from here. */
  readonly baseDir: string;
  readonly tracking: {
    /** What the sweep is called in MLflow. */
    readonly sweep: string;
    readonly experiment: string;
    readonly uri: string | null;
    /** What the emissions of its energy are told by there. */
    readonly energy?: CommonSpec['energy'];
  };
  /** Threads of one op, as the spec says; null on a GPU, whose results do not depend on them. */
  readonly threads: number | null;
  /** This trial's share of the machine. */
  readonly energyShare: number;
  readonly signal: AbortSignal;
  /** Something that its user should know, though the trial goes on. */
  readonly onWarning: (text: string) => void;
  readonly onProgress: (progress: TrialProgress) => void;
  /** Scores of a validation; why the trial is pruned, null where it goes on. None where no search listens. */
  readonly judge?: (step: number, values: Readonly<Record<string, number>>) => Promise<string | null>;
}

/** What the parts of a trial share: what it was told, its data, and where it writes. */
export interface TrialContext {
  readonly options: TrialOptions;
  readonly spec: TrialSpec;
  readonly data: PreparedData;
  readonly protocol: Protocol;
  /** Keeps points of curves that are new, on disk and in the tracking journal. */
  readonly logPoints: (step: number, values: Readonly<Record<string, number>>) => void;
  readonly log: MetricsLog;
  readonly tracking: TrialTracking;
}

/** How a method ended: what a trial's result is made from. */
export interface MethodOutcome extends Partial<Omit<TestScores, 'test'>> {
  /** What the HR images score; null where the network is not known. */
  readonly ceiling?: TestScores | null;
  readonly status: 'finished' | 'diverged' | 'pruned' | 'stopped';
  readonly reason?: string;
  /** How the two training sets of an unpaired method lie apart. */
  readonly trainedOn?: string;
  readonly steps: number;
  readonly bestStep: number | null;
  readonly validation: Scores | null;
  /** Null where there is no model to test. */
  readonly test: Scores | null;
  readonly cost: Omit<Cost, 'energy'>;
  readonly engine: string;
}

/** What a method that is not trained step by step does to an image, and what it costs. */
export interface UntrainedMethod {
  readonly engine: string;
  readonly cost: InferenceCost;
  /** Time that the method took to be made from the training and validation splits; null where others made it. */
  readonly fitSeconds: number | null;
  /** The file that holds the method as a model, where it is one. */
  readonly modelPath?: string;
  readonly enlarge: (lr: Image) => Promise<Image>;
  readonly dispose: () => Promise<void>;
}

/** What a method costs at inference. */
type InferenceCost = Pick<Cost, 'parameters' | 'macs720p' | 'macsPerPixel' | 'receptiveField'>;
