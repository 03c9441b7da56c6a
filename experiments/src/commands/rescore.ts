import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '@lacuna/core';
import type { EvaluationSpec } from '@lacuna/iqa';
import { applySets, canonicalJson, parseTree, parseWith, refuse } from '@lacuna/sweep';
import { z } from 'zod';
import { loadExtensionsOfSpec, loadExtensionsOfSweep } from '../extensions/in-spec.js';
import { rescore } from '../rescore/rescore.js';
import { leaderboardText } from '../sweep/leaderboard/leaderboard.js';
import type { LacunaTrial } from '../sweep/plan/plan.js';
import { trialSpec } from '../sweep/spec/spec.js';
import { plannedTrials } from '../sweep/plan/plan.js';
import { planSelection } from '../sweep/plan/selection.js';
import { readStoredSweep } from '../sweep/plan/stored-sweep.js';
import { collect } from './options.js';

interface RescoreCommandOptions {
  readonly spec?: string;
  readonly set: readonly string[];
  readonly out?: string;
}

/** `lacuna rescore`: another protocol for the images that a finished sweep kept. */
export function register(program: Command): void {
  program
    .command('rescore')
    .description('score the kept images of a finished sweep under another protocol, without training')
    .argument('<folder>', 'the folder of the sweep, such as runs/quickstart')
    .option('--spec <file>', 'a spec whose evaluation is taken')
    .option('--set <path=value>', 'changes one field of the evaluation; may be given again', collect, [] as string[])
    .option('--out <folder>', 'a new folder for the leaderboard (default: rescored/... in that of the sweep)')
    .action(rescoreCommand);
}

async function rescoreCommand(folder: string, { spec, set, out }: RescoreCommandOptions): Promise<void> {
  if (spec !== undefined) await loadExtensionsOfSpec({ spec, set: [] });
  await loadExtensionsOfSweep(resolve(folder));
  const sweep = readStoredSweep(resolve(folder));
  const base = spec === undefined ? null : evaluationOf(spec);
  const { folder: written, comparisons } = await rescore(sweep, {
    evaluationOf: (trial: LacunaTrial) => changed(base ?? trial.config.evaluation, set),
    ...(out === undefined ? {} : { out: resolve(out) }),
    onProgress: (text) => {
      if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
    },
  });
  console.log(`${leaderboardText(comparisons)}\n\nleaderboard ${written}`);
}

/** The protocol of a spec. @throws {InputError} where its trials have several. */
function evaluationOf(spec: string): EvaluationSpec {
  const protocols = plannedTrials(planSelection({ spec, set: [] })).map(({ config }) => config.evaluation);
  if (new Set(protocols.map(canonicalJson)).size === 1) return protocols[0];
  throw new InputError({
    who: `--spec ${spec}`,
    got: 'trials with different evaluations',
    wanted: 'one evaluation',
    remedy: 'give it field by field: --set evaluation.threshold=0.3',
  });
}

/** An evaluation with `--set evaluation.x=...`. @throws {SpecError} for other fields and values that do not fit. */
function changed(evaluation: EvaluationSpec, sets: readonly string[]): EvaluationSpec {
  for (const text of sets)
    if (!/^evaluation\b/.test(text))
      throw new InputError({
        who: `--set ${text}`,
        got: 'a field that is no part of the evaluation',
        wanted: 'evaluation.metrics, .threshold, .smoothing, .border, .tolerance or .connectivity',
        remedy: 'what decides the images needs training: lacuna sweep',
      });
  const tree = applySets(parseTree(JSON.stringify({ evaluation }), 'evaluation'), sets);
  const parsed = parseWith(tree, z.strictObject({ evaluation: trialSpec().shape.evaluation }));
  return 'problems' in parsed ? refuse(parsed.problems) : parsed.value.evaluation;
}
