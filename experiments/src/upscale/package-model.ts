import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { parse } from 'yaml';
import { InputError } from '@lacuna/core';

/** What is read of a package's description. */
interface Description {
  readonly type?: unknown;
  readonly weights?: { readonly onnx?: { readonly source?: unknown } };
}

/**
 * The ONNX weights of a BioImage Model Zoo package, a folder or the bytes of a zip.
 * @throws {InputError} where it is damaged, describes no model, or has no ONNX weights.
 */
export function readPackage(path: string, zip?: Uint8Array): Uint8Array {
  const read =
    zip === undefined
      ? (name: string) => (existsSync(join(path, name)) ? readFileSync(join(path, name)) : undefined)
      : entriesOf(path, zip);
  const text = read('rdf.yaml') ?? read('bioimageio.yaml');
  const bad = (got: string): InputError =>
    new InputError({
      who: `MODEL ${path}`,
      got,
      wanted: 'a model package with ONNX weights',
      remedy: 'export it again',
    });
  if (text === undefined) throw bad('an archive without rdf.yaml');
  let description: Description;
  try {
    description = parse(Buffer.from(text).toString('utf8')) as Description;
  } catch {
    throw bad('an rdf.yaml that is not YAML');
  }
  const source = description?.weights?.onnx?.source;
  if (typeof source !== 'string')
    throw bad(description?.type === 'model' ? 'a package without ONNX weights' : 'a package that is no model');
  const weights = read(source.replace(/^\.\//, ''));
  if (weights === undefined) throw bad(`no file ${source}`);
  return weights;
}

function entriesOf(path: string, zip: Uint8Array): (name: string) => Uint8Array | undefined {
  try {
    const files = unzipSync(zip);
    return (name) => files[name];
  } catch (error) {
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
}
