import fs from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { MlflowInputError } from '../errors.js';
import type { ParamValue } from './run-items.js';

/** A model to be logged. */
export interface ModelToLog {
  /** Its name; the characters / : . % and quotes are refused. */
  readonly name: string;
  /** A folder whose files are the model, or files by path: bytes, or the path of a local file. */
  readonly files: string | Readonly<Record<string, Uint8Array | string>>;
  /** What it is, in a word of your own. */
  readonly modelType?: string;
  /** Params of the model. */
  readonly params?: Readonly<Record<string, ParamValue>>;
  /** Tags of the model. */
  readonly tags?: Readonly<Record<string, string>>;
  /** The training step that the model is of; default 0. */
  readonly step?: number;
  /** What the `MLmodel` file says of how to load it, such as `{ onnx: { data: 'model.onnx' } }`. */
  readonly flavors?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The model's files and, where they bring none, an `MLmodel` file. JSON is YAML, which is what MLflow reads there. */
export async function modelFiles(model: ModelToLog): Promise<{ artifactPath: string; source: Uint8Array | string }[]> {
  if (model.name === '' || /[/:.%"']/.test(model.name))
    throw new MlflowInputError({
      who: 'logModel',
      got: JSON.stringify(model.name),
      wanted: 'a name without / : . % and quotes',
      remedy: 'Rename it.',
    });
  const files =
    typeof model.files === 'string'
      ? await folderFiles(model.files)
      : Object.entries(model.files).map(([artifactPath, source]) => ({ artifactPath, source }));
  if (files.length === 0)
    throw new MlflowInputError({
      who: 'logModel',
      got: 'no files',
      wanted: 'at least one file',
      remedy: 'Check the folder.',
    });
  if (files.some(({ artifactPath }) => artifactPath === 'MLmodel')) return files;
  const sheet = {
    artifact_path: model.name,
    flavors: model.flavors ?? {},
    model_uuid: randomUUID().replaceAll('-', ''),
    utc_time_created: new Date().toISOString().replace('T', ' ').replace('Z', '000'),
  };
  return [...files, { artifactPath: 'MLmodel', source: Buffer.from(`${JSON.stringify(sheet, null, 2)}\n`) }];
}

async function folderFiles(folder: string): Promise<{ artifactPath: string; source: string }[]> {
  const entries = await fs.promises.readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const source = path.join(entry.parentPath, entry.name);
      return { artifactPath: path.relative(folder, source).split(path.sep).join('/'), source };
    });
}
