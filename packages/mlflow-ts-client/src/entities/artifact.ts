import { z } from 'zod';
import { int64 } from './scalars.js';

/** Reads a file or folder as the server lists it. */
export const FileInfo = z
  .object({ path: z.string(), is_dir: z.boolean().optional().default(false), file_size: int64.optional() })
  .transform((wire) => ({
    path: wire.path,
    isDir: wire.is_dir,
    fileSize: wire.is_dir ? undefined : (wire.file_size ?? 0),
  }));
/** A file or folder among a run's artifacts. `fileSize` is in bytes, absent for folders. */
export type FileInfo = z.output<typeof FileInfo>;
