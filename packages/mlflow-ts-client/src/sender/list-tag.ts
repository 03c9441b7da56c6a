/** MLflow's list of a run's tables, kept in a tag: its table view reads it. */
export const TABLES_TAG = 'mlflow.loggedArtifacts';

/** Whether a tag holds a list that grows, so that a new value adds to the one at the server. */
export function isListTag(key: string): boolean {
  return key === TABLES_TAG;
}

/** The entries of both lists (JSON arrays), each once, the old ones first. What is no list counts as an empty one. */
export function joinLists(before: string | undefined, added: string): string {
  const entries = [...parseList(before), ...parseList(added)].map((entry) => JSON.stringify(entry));
  return `[${[...new Set(entries)].join(',')}]`;
}

function parseList(text: string | undefined): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}
