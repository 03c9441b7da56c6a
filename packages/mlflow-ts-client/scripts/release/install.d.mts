export function installTarball(tarball: string): Promise<string>;
