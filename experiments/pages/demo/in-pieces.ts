import { InputError } from '@lacuna/core';

/**
 * The refusal of what is no single file: a page cannot read an OME-Zarr, which is a folder.
 * @param got a zip, a folder.
 */
export const inPieces = (name: string, got: string): InputError =>
  new InputError({
    who: name,
    got,
    wanted: 'one file: a TIFF (also a stack or OME-TIFF), a PNG or a JPEG',
    remedy:
      'save an OME-Zarr as OME-TIFF, or enlarge it outside of the page: ' +
      `lacuna upscale MODEL ${name} enlarged.ome.zarr`,
  });
