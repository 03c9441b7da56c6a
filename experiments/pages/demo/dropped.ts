import { InputError } from '@lacuna/core';

/** Files of a folder, each with its path below it. */
export interface DroppedFolder {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly file: File }[];
}

/** What somebody gave to the page: one file, or a folder. */
export type Dropped = File | DroppedFolder;

/** Files of one folder at most: a browser takes minutes to list more. */
const MOST_FILES = 200_000;

/**
 * What was dropped, with the files of a folder listed.
 * @throws {InputError} for several things at once.
 */
export async function droppedOf({ items, files }: DataTransfer): Promise<Dropped | undefined> {
  // Entries are there while the event lasts, and no longer.
  const entries = Array.from(items).flatMap((item) => item.webkitGetAsEntry() ?? []);
  requireOne(entries.map(({ name }) => name));
  const [entry] = entries;
  return entry?.isDirectory ? listed(entry as FileSystemDirectoryEntry) : files[0];
}

/** A folder that was chosen, undefined where none was: a browser gives its files with their paths, its name first. */
export function chosenFolder(files: FileList | null): DroppedFolder | undefined {
  if (files === null || files.length === 0) return undefined;
  const [name] = files[0].webkitRelativePath.split('/');
  const below = (file: File) => file.webkitRelativePath.slice(name.length + 1);
  return { name, files: Array.from(files, (file) => ({ path: below(file), file })) };
}

function requireOne(names: readonly string[]): void {
  if (names.length <= 1) return;
  const others = names.length > 2 ? ' ...' : '';
  throw new InputError({
    who: `${names[0]}, ${names[1]}${others}`,
    got: `${names.length} files`,
    wanted: 'one image at a time',
    remedy: 'give one of them, or enlarge a folder outside of the page: lacuna upscale MODEL FOLDER OUT',
  });
}

async function listed(folder: FileSystemDirectoryEntry): Promise<DroppedFolder> {
  const files: { path: string; file: File }[] = [];
  const add = async (entry: FileSystemEntry, path: string): Promise<void> => {
    if (entry.isDirectory) {
      for (const each of await entriesOf(entry as FileSystemDirectoryEntry)) await add(each, `${path}${entry.name}/`);
      return;
    }
    if (files.length === MOST_FILES)
      throw new InputError({
        who: folder.name,
        got: `a folder of more than ${MOST_FILES} files`,
        wanted: 'an OME-Zarr of fewer chunks',
        remedy: 'write it again with larger chunks or with shards, or enlarge it outside of the page: lacuna upscale',
      });
    files.push({ path: `${path}${entry.name}`, file: await fileOf(entry as FileSystemFileEntry) });
  };
  for (const entry of await entriesOf(folder)) await add(entry, '');
  return { name: folder.name, files };
}

/** A browser gives the entries of a folder by the hundred. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((given, failed) => reader.readEntries(given, failed));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((given, failed) => entry.file(given, failed));
