import { InputError, ShapeError, nearestName } from '@lacuna/core';
import { formatShape, sizeOf, type Action, type Program } from '../graph/index.js';

/** An action by name. */
export function requireAction(program: Program, name: string): Action {
  const action = program.actions[name];
  if (!action) {
    const near = nearestName(name, Object.keys(program.actions));
    throw new InputError({
      who: 'engine',
      got: `action ${name}`,
      wanted: `one of ${Object.keys(program.actions).join(', ')}`,
      ...(near ? { remedy: `did you mean ${near}?` } : {}),
    });
  }
  return action;
}

/** Refuses feeds that lack an input or have another length; more feeds than needed are fine. */
export function checkFeeds(name: string, action: Action, feeds: Readonly<Record<string, Float32Array>>): void {
  for (const [key, tensor] of Object.entries(action.inputs)) {
    const values = feeds[key];
    if (!values)
      throw new InputError({
        who: `action ${name}`,
        got: `feeds ${Object.keys(feeds).join(', ') || 'none'}`,
        wanted: `a feed named ${key} of shape ${formatShape(tensor.shape)}`,
      });
    if (values.length !== sizeOf(tensor.shape))
      throw new ShapeError({
        who: `action ${name}, feed ${key}`,
        got: `${values.length} values`,
        wanted: `${sizeOf(tensor.shape)} for ${formatShape(tensor.shape)}`,
      });
  }
}

/** Refuses values of variables that the program lacks, or of another length. */
export function checkValues({ graph }: Program, values: Readonly<Record<string, Float32Array>>): void {
  for (const [name, array] of Object.entries(values)) {
    const { shape } = graph.requireVariable(name);
    if (array.length !== sizeOf(shape))
      throw new ShapeError({
        who: `variable ${name}`,
        got: `${array.length} values`,
        wanted: `${sizeOf(shape)} for ${formatShape(shape)}`,
      });
  }
}
