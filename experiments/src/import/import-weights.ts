import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError, readRegularFile } from '@lacuna/core';
import {
  adoptWeights,
  decodeTensorFile,
  describeModel,
  factorOf,
  greyWeights,
  isTensorFile,
  registeredModelSpec,
  writeTensorFile,
  type ModelSpec,
  type PerAxis,
} from '@lacuna/models';
import { parse } from 'yaml';

/** What `lacuna import` is told besides the file. */
export interface ImportOptions {
  /** A family of the catalogue, or YAML with its options: `rlfn`, `{ name: rlfn, filters: 48 }`. */
  readonly model: string;
  /** One number for planes; one for each axis (z, y, x) for volumes. */
  readonly factor: PerAxis;
  /** Of the network's images. */
  readonly channels: number;
  /** The network's numbers for black and white. */
  readonly range: readonly [number, number];
  /** One channel in place of several equal ones. */
  readonly grey: boolean;
  /** A model file of Lacuna's. */
  readonly out: string;
  readonly force: boolean;
}

/**
 * Published weights (safetensors, names and layout of PyTorch) as a model file of Lacuna's, for `init.from.file`,
 * `lacuna upscale` and `lacuna export`.
 * @throws {InputError} for a file that is no safetensors file, a model that is not known, weights that do not fit.
 */
export function importWeights(path: string, options: ImportOptions): void {
  const { channels, grey, out, factor } = options;
  const [low, white] = options.range;
  if (low !== 0)
    throw new InputError({
      who: '--range',
      got: `${low},${white}`,
      wanted: 'a range that begins at 0, as the zeros do that convolutions pad with',
      remedy: 'convert the network to ONNX and name it as regime: { kind: onnx, path, range }',
    });
  if (existsSync(out) && !options.force)
    throw new InputError({
      who: '--out',
      got: `${out}, which exists`,
      wanted: 'a new file',
      remedy: 'choose another, or --force to write over it',
    });
  const model = modelOf(options.model);
  const bytes = readRegularFile(path, 'a safetensors file');
  if (!isTensorFile(bytes))
    throw new InputError({
      who: path,
      got: 'another kind of file',
      wanted: 'a safetensors file',
      remedy: 'of PyTorch (.pth): python tools/convert/torch_to_safetensors.py FILE.pth FILE.safetensors',
    });
  const network = { who: path, model, factor: factorOf(factor), channels };
  const adopted = adoptWeights({ ...network, tensors: decodeTensorFile(bytes, path).tensors, white });
  const tensors = grey ? greyWeights(adopted, network) : adopted;
  const described = describeModel({ model, factor, channels: grey ? 1 : channels });
  writeTensorFile(out, { tensors, metadata: { ...described, data: `weights of ${basename(path)}` } });
}

/** A family by its name, or with options in YAML. */
function modelOf(text: string): ModelSpec {
  const given: unknown = parse(text);
  const parsed = registeredModelSpec().safeParse(typeof given === 'string' ? { name: given } : given);
  if (parsed.success) return parsed.data;
  const [{ message, path }] = parsed.error.issues;
  throw new InputError({
    who: `--model ${text}`,
    got: path.length === 0 ? 'a model that is not known' : `${path.map(String).join('.')}: ${message}`,
    wanted: 'a family that lacuna models lists, or { name: ..., OPTION: ... }',
  });
}
