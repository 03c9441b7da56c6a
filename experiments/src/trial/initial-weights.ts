import { InputError, readRegularFile } from '@lacuna/core';
import { decodeTensorFile, isTensorFile, parseModelMetadata, type InitialWeights } from '@lacuna/models';

const WANTED = 'a model that Lacuna wrote (best.safetensors, model.onnx)';

/**
 * The weights of a model file: safetensors of training, or ONNX that was exported from it.
 * @param who names the field that asks for them.
 * @throws {InputError} for files that are missing, damaged, or another maker's.
 */
export async function readInitialWeights(who: string, path: string): Promise<InitialWeights> {
  const label = `${who} ${path}`;
  const bytes = readRegularFile(path, WANTED);
  if (isTensorFile(bytes)) {
    const { tensors, metadata } = decodeTensorFile(bytes, label);
    parseModelMetadata(label, metadata);
    return { who: label, tensors };
  }
  // Loaded here: trials without such weights do not depend on onnxruntime having a build for the machine.
  const { importOnnx } = await import('@lacuna/onnx');
  try {
    const { weights, metadata } = importOnnx(bytes);
    if (metadata === null) throw new InputError({ who: label, got: 'an ONNX file of another maker', wanted: WANTED });
    return { who: label, tensors: weights };
  } catch (error) {
    if (!(error instanceof InputError) || error.parts.who !== 'ONNX file') throw error;
    throw new InputError({ ...error.parts, who: label, wanted: WANTED }, { cause: error });
  }
}
