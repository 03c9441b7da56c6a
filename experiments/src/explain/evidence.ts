import type { BranchColumn } from '../network/branch-column.js';

/** A figure as text, and the name of its files without extension. */
interface EvidenceFigure {
  readonly name: string;
  readonly svg: string;
}

/** A table as text, and the name of its file. */
interface EvidenceTable {
  readonly name: string;
  readonly text: string;
}

/** What a part found out about a model on an image. */
export interface Evidence {
  /** Numbers of each branch. */
  readonly columns: readonly BranchColumn[];
  /** What it found, for people; units within. */
  readonly lines: readonly string[];
  /** The same as numbers. */
  readonly facts: Readonly<Record<string, number | string | null>>;
  /** Tables of its own, of other things than branches. */
  readonly tables?: readonly EvidenceTable[];
  readonly figures: readonly EvidenceFigure[];
}
