import { InputError, nearestName } from '@lacuna/core';
import { knownForwardModels, registeredDegradationSpec, type DegradationSpec } from '@lacuna/datasets';
import { applySets, parseTree, parseWith, refuse } from '@lacuna/sweep';

/**
 * A forward model as a command line says it: a name, a factor as a spec writes it, and changed fields (`photons=100`).
 * @param option names the model in messages.
 * @throws {InputError} for an unknown name or field.
 */
export function forwardSpec(
  option: string,
  model: string,
  { factor, set }: { readonly factor: string; readonly set: readonly string[] },
): DegradationSpec {
  const known = knownForwardModels();
  const near = nearestName(model, known);
  if (!known.includes(model))
    throw new InputError({
      who: option,
      got: model,
      wanted: known.join(', '),
      ...(near ? { remedy: `did you mean ${near}?` } : {}),
    });
  return parsed('{}', `${option} ${model}`, [`kind=${model}`, `factor=${factor}`, ...set]);
}

/**
 * A forward model with changed fields.
 * @throws {InputError} for an unknown field.
 */
export function changedForward(option: string, spec: DegradationSpec, set: readonly string[]): DegradationSpec {
  return parsed(JSON.stringify(spec), `${option} of ${spec.kind}`, set);
}

function parsed(text: string, who: string, set: readonly string[]): DegradationSpec {
  const found = parseWith(applySets(parseTree(text, who), set), registeredDegradationSpec());
  return 'problems' in found ? refuse(found.problems) : found.value;
}
