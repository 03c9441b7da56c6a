import { probeTerms, type Engine, type RegimeContext } from '@lacuna/models';
import type { TrialSpec } from '../sweep/spec/spec.js';
import { ExtensionError } from './extension-error.js';
import { ownerOf } from './registry.js';
import { termsOfExtensions } from './used.js';

/**
 * Tries the terms of extensions before the first step.
 * @throws {ExtensionError} for a value or a gradient that is not finite: training would end as diverged, without a word
 * on why.
 */
export async function requireFiniteTerms(
  { regime }: Pick<TrialSpec, 'regime'>,
  context: RegimeContext,
  engine: Engine,
): Promise<void> {
  const names = termsOfExtensions({ regime });
  if (regime.kind !== 'geometry' || names.length === 0) return;
  const [found] = await probeTerms(regime, context, { engine, names });
  if (found === undefined) return;
  throw new ExtensionError({
    who: `${ownerOf('term', found.name)?.file}: term ${found.name}`,
    got: `a ${found.what} that is not finite, for ${found.patches}`,
    wanted: 'finite numbers for every image',
    remedy: 'roots and quotients need something small under them, such as g.sqrt(g.shift(x, 1e-8))',
  });
}
