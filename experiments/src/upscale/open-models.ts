import { InputError } from '@lacuna/core';
import { locateModel, otherSeedsOf } from './locate-model.js';
import { openModel, type UpscaleModel } from './open-model.js';
import type { UpscaleOptions } from './options.js';

/**
 * Opens the model that MODEL names and, where a spread is asked for, the further ones.
 * @throws {InputError} where one is not there, and for seeds of a model that lies in no sweep.
 */
export async function openModels(text: string, options: UpscaleOptions): Promise<UpscaleModel[]> {
  const found = await locateModel(text, options);
  const open = async (name: string) => openModel(await locateModel(name, options), options);
  const models = [await openModel(found, options)];
  if (options.uncertainty === null) return models;
  if (options.uncertainty !== 'seeds') {
    for (const name of options.uncertainty) models.push(await open(name));
    return models;
  }
  if (found.trial === null)
    throw new InputError({
      who: '--uncertainty seeds',
      got: `${found.label}, which lies in no sweep`,
      wanted: 'the folder of a sweep or trial as MODEL',
      remedy: 'name the other models: --uncertainty a.onnx,b.onnx',
    });
  for (const folder of otherSeedsOf(found.trial)) models.push(await open(folder));
  return models;
}
