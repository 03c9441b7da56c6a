export declare const programFolders: URL;
export declare const compiledFolders: readonly string[];
export declare function programFolder(): URL | null;
export declare function bundledEntry(name: string): string | null;
