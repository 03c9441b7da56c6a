import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { zipSync } from 'fflate';
import { InputError, makeFolder, writeFileAtomic } from '@lacuna/core';
import { decodeTensorFile, isTensorFile } from '@lacuna/models';
import { exportModel, readOnnxMetadata } from '@lacuna/onnx';
import { locateModel } from '../upscale/locate-model.js';
import type { Selection } from '../upscale/located-model.js';
import { openModel } from '../upscale/open-model.js';
import { version } from '../machine/workspace.js';
import { sourceCommit } from '../machine/source-commit.js';
import { readCitation } from './citation.js';
import { modelPackage } from './package.js';

export const exportFormats = ['onnx', 'bioimageio'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What `lacuna export` is told besides the model. */
export interface ExportOptions extends Selection {
  readonly format: ExportFormat;
  /** A folder, or a .zip for a package in one file. */
  readonly out: string;
  readonly precision: 'float32' | 'float16';
  readonly licence: string | null;
  readonly force: boolean;
}

/**
 * Writes a trained model as ONNX file or as a package of the BioImage Model Zoo.
 * Each file appears whole or not at all, the description last: a package that was cut short has none.
 * @returns paths of what was written.
 */
export async function exportTrained(text: string, options: ExportOptions): Promise<string[]> {
  const found = await locateModel(text, options);
  const licence = options.licence ?? readCitation().licence;
  const commit = sourceCommit();
  const bytes = isTensorFile(found.bytes)
    ? exportModel(decodeTensorFile(found.bytes, found.label), {
        precision: options.precision,
        producerVersion: version,
        ...(licence === null ? {} : { licence }),
        ...(commit === null ? {} : { commit }),
      })
    : found.bytes;
  const metadata = readOnnxMetadata(bytes);
  if (metadata === null)
    throw new InputError({
      who: `MODEL ${text}`,
      got: 'an ONNX file of another maker',
      wanted: 'a model that Lacuna trained',
    });
  if (!isTensorFile(found.bytes) && options.precision === 'float16')
    throw new InputError({
      who: '--precision',
      got: 'float16 for a file that is ONNX already',
      wanted: 'a checkpoint or a trial',
    });
  if (options.format === 'bioimageio' && metadata.slices)
    throw new InputError({
      who: '--format bioimageio',
      got: `${found.label}, a model of planes that takes volumes`,
      wanted: 'a model of planes by themselves, or one of volumes',
      remedy: 'take --format onnx, which lacuna upscale reads',
    });
  const files =
    options.format === 'onnx'
      ? new Map([['model.onnx', bytes]])
      : await modelPackage(await openModel({ ...found, bytes }, { range: null }), metadata, found.trial);
  const kept = { wanted: 'a model written whole', remedy: 'choose another folder' };
  if (extname(options.out).toLowerCase() === '.zip') {
    if (options.format !== 'bioimageio')
      throw new InputError({ who: '--out', got: options.out, wanted: 'a folder for an ONNX file' });
    refuseExisting([options.out], options.force);
    // No dates inside: the same model gives the same bytes.
    writeFileAtomic(options.out, zipSync(Object.fromEntries(files), { mtime: new Date('1980-01-02T00:00:00Z') }), kept);
    return [options.out];
  }
  const paths = [...files.keys()].map((name) => join(options.out, name));
  refuseExisting(paths, options.force);
  makeFolder(options.out);
  [...files.values()].forEach((content, i) => writeFileAtomic(paths[i], content, kept));
  return paths;
}

function refuseExisting(paths: readonly string[], force: boolean): void {
  const there = paths.find((path) => existsSync(path));
  if (there !== undefined && !force)
    throw new InputError({
      who: '--out',
      got: `${there}, which exists`,
      wanted: 'a new folder or file',
      remedy: 'choose another, or --force to write over it',
    });
}
