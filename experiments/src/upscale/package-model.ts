import { existsSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, normalize, relative } from 'node:path';
import { unzipSync } from 'fflate';
import { parse } from 'yaml';
import { InputError, formatBytes, readRegularFile } from '@lacuna/core';
import { tooDeepAt } from '@lacuna/sweep';

/** What is read of a package's description. */
interface Description {
  readonly type?: unknown;
  readonly weights?: { readonly onnx?: { readonly source?: unknown } };
}

/** Reads a file of a package whole, if it is there and no larger than `most` bytes. */
type Reader = (name: string, most: number) => Uint8Array | undefined;

const descriptions = ['rdf.yaml', 'bioimageio.yaml'] as const;

/** Descriptions are pages of text. */
const MOST_DESCRIPTION = 2 ** 20;
/** Networks that enlarge images have some hundred million weights at the most. */
const MOST_WEIGHTS = 2 ** 30;

/**
 * The ONNX weights of a BioImage Model Zoo package, a folder or the bytes of a zip. Of a zip nothing but the
 * description and the file that it names is unpacked.
 * @throws {InputError} where it is damaged, describes no model, has no ONNX weights, names a file outside of itself, or
 * unpacks to more than a model can have.
 */
export function readPackage(path: string, zip?: Uint8Array): Uint8Array {
  const read = zip === undefined ? folderReader(path) : zipReader(path, zip);
  const text = descriptions.map((name) => read(name, MOST_DESCRIPTION)).find((found) => found !== undefined);
  if (text === undefined) throw bad(path, 'an archive without rdf.yaml');
  const yaml = Buffer.from(text).toString('utf8');
  if (tooDeepAt(yaml) !== null) throw bad(path, 'an rdf.yaml whose values are nested too deeply to be read');
  let description: Description;
  try {
    description = parse(yaml) as Description;
  } catch {
    throw bad(path, 'an rdf.yaml that is not YAML');
  }
  const source = description?.weights?.onnx?.source;
  if (typeof source !== 'string')
    throw bad(path, description?.type === 'model' ? 'a package without ONNX weights' : 'a package that is no model');
  const name = normalize(source).replaceAll('\\', '/');
  if (isAbsolute(source) || name === '..' || name.startsWith('../'))
    throw bad(path, `weights outside of the package (${source})`);
  const weights = read(name, MOST_WEIGHTS);
  if (weights === undefined) throw bad(path, `no file ${source}`);
  return weights;
}

function bad(path: string, got: string): InputError {
  return new InputError({
    who: `MODEL ${path}`,
    got,
    wanted: 'a model package with ONNX weights',
    remedy: 'export it again',
  });
}

const tooLarge = (path: string, name: string, bytes: number, most: number): InputError =>
  bad(path, `${name} of ${formatBytes(bytes)}, more than ${formatBytes(most)}`);

function folderReader(folder: string): Reader {
  return (name, most) => {
    const file = join(folder, name);
    if (!existsSync(file)) return undefined;
    // A link may lead out of the folder.
    const inside = relative(realpathSync(folder), realpathSync(file));
    if (inside.startsWith('..') || isAbsolute(inside)) throw bad(folder, `weights outside of the package (${name})`);
    const { size } = statSync(file);
    if (size > most) throw tooLarge(folder, name, size, most);
    return readRegularFile(file, 'a model package with ONNX weights');
  };
}

function zipReader(path: string, zip: Uint8Array): Reader {
  return (wanted, most) => {
    try {
      const files = unzipSync(zip, {
        filter({ name, originalSize }) {
          if (name !== wanted) return false;
          if (originalSize > most) throw tooLarge(path, name, originalSize, most);
          return true;
        },
      });
      return files[wanted];
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(
        {
          who: `MODEL ${path}`,
          got: 'a damaged zip',
          wanted: 'a whole model package',
          remedy: 'copy or export it again',
        },
        { cause: error },
      );
    }
  };
}
