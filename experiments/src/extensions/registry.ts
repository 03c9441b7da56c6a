/** An extension's file, and the digest of what is in it and in what it imports by a relative path. */
export interface ExtensionFile {
  readonly file: string;
  readonly digest: string;
}

/** What an extension may register. */
export type Kind = 'metric' | 'term' | 'architecture' | 'degradation' | 'augmentation' | 'structure';

/** Who registered what in this process. */
const owners: Record<Kind, Map<string, ExtensionFile>> = {
  metric: new Map(),
  term: new Map(),
  architecture: new Map(),
  degradation: new Map(),
  augmentation: new Map(),
  structure: new Map(),
};

/** The extension that registered a name; undefined for Lacuna's own and for names that are none. */
export const ownerOf = (kind: Kind, name: string): ExtensionFile | undefined => owners[kind].get(name);

/** Notes who registered a name. */
export function own(kind: Kind, name: string, extension: ExtensionFile): void {
  owners[kind].set(name, extension);
}

/** How many names extensions registered: schemas that were built of fewer are old. */
export const registeredCount = (): number => Object.values(owners).reduce((sum, { size }) => sum + size, 0);

/** Names of a kind that extensions registered. */
export const namesOf = (kind: Kind): string[] => [...owners[kind].keys()];
