import { execFileSync } from 'node:child_process';

const python = process.env['LACUNA_PYTHON'];

/** A Python with zarr 3; undefined where there is none. */
export const zarrPython: string | undefined = (() => {
  if (!python) return undefined;
  try {
    execFileSync(python, ['-c', 'import zarr, numcodecs, sys; sys.exit(int(zarr.__version__.split(".")[0]) < 3)'], {
      stdio: 'ignore',
    });
    return python;
  } catch {
    return undefined;
  }
})();
