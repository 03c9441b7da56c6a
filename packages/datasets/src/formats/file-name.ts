/** The last part of a path, whatever system wrote it: files name others by paths of the machine that recorded them. */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
