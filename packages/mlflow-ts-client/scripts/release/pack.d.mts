export function packRelease(outDir: string): Promise<string>;
export function packFolder(folder: string, outDir: string): Promise<string>;
