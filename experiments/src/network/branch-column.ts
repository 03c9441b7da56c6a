/** One more number of each branch: a column of the table, an attribute of the graph. */
export interface BranchColumn {
  /** In lower case, with underscores. */
  readonly name: string;
  /** By the branch's id; null where a branch has none. */
  readonly values: readonly (number | null)[];
}
