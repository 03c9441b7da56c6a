import type { BranchColumn } from '../network/branch-column.js';

/** A figure as text, and the name of its files without extension. */
interface EvidenceFigure {
  readonly name: string;
  readonly svg: string;
}

/** What a part found out about a model on an image. */
export interface Evidence {
  /** Numbers of each branch. */
  readonly columns: readonly BranchColumn[];
  /** What it found, for people; units within. */
  readonly lines: readonly string[];
  /** The same as numbers. */
  readonly facts: Readonly<Record<string, number | string | null>>;
  readonly figures: readonly EvidenceFigure[];
}
