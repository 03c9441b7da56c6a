import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError, formatLength, printable, writeFileAtomic, writeStreamAtomic } from '@lacuna/core';
import { describeFactor } from '@lacuna/datasets';
import { renderFigure } from '../figures/index.js';
import { writeJson } from '../machine/json-file.js';
import { version } from '../machine/workspace.js';
import { branchHeader, branchRows } from '../network/branch-table.js';
import { graphMlText, nodeLinkText, type GraphFacts } from '../network/graph-text.js';
import { stageFiles } from '../network/staged-files.js';
import { stemOf } from '../upscale/jobs.js';
import { factorOf } from '../upscale/open-model.js';
import { attributionEvidence } from './attribution/attribution-evidence.js';
import { openCalibration, openCheck, type Calibration } from './calibration/calibration.js';
import { calibrationEvidence } from './calibration/calibration-evidence.js';
import { requirePromise } from './calibration/conformal.js';
import { conformalEvidence } from './calibration/conformal-evidence.js';
import type { Evidence } from './evidence.js';
import { halvesEvidence } from './halves-evidence.js';
import { headEvidence } from './layer/head-evidence.js';
import { layerEvidence } from './layer/layer-evidence.js';
import { measuredEvidence } from './measured-evidence.js';
import { blankEvidence, shuffledEvidence } from './nothing-evidence.js';
import { partsOf, type ExplainOptions, type PartName } from './options.js';
import { PartUnavailable } from './part-unavailable.js';
import { seedsEvidence } from './seeds-evidence.js';
import { openSubject, type Subject } from './subject.js';

/** What parts are made from, besides the subject. */
interface Given {
  readonly calibration: Calibration | null;
  readonly alpha: number | null;
  readonly check: Calibration | null;
}

/** What each part does. */
const parts: Readonly<Record<PartName, (subject: Subject, given: Given) => Promise<Evidence> | Evidence>> = {
  measured: measuredEvidence,
  halves: halvesEvidence,
  blank: blankEvidence,
  shuffled: shuffledEvidence,
  attribution: attributionEvidence,
  layer: layerEvidence,
  head: headEvidence,
  seeds: seedsEvidence,
  calibration: (subject, { calibration }) => calibrationEvidence(subject, calibration!),
  conformal: (subject, { calibration, alpha, check }) => conformalEvidence(subject, calibration!, alpha!, check),
};

/** What was found, and the files that say it. */
export interface Explained {
  readonly evidence: Readonly<Partial<Record<PartName, Evidence>>>;
  readonly written: readonly string[];
}

/**
 * Explains what a model makes of an image: each branch of its network with what speaks for it, in a table, a graph and
 * figures. All files appear together or none.
 */
export async function explain(
  text: string,
  path: string,
  options: ExplainOptions,
  print: (line: string) => void = (line) => console.log(printable(line)),
): Promise<Explained> {
  const folder = options.out ?? join(dirname(path), `${stemOf(path)}-explained`);
  requireFree(folder, options.force);
  const names = partsOf(options);
  const subject = await openSubject(text, path, options);
  try {
    tell(subject, print);
    const evidence: Partial<Record<PartName, Evidence>> = {};
    const { calibrate, alpha } = options;
    const calibration = calibrate === null ? null : await openCalibration(calibrate, subject, options);
    if (calibration !== null && names.includes('conformal')) requirePromise(calibration.cases.length, alpha!);
    const check = options.check === null ? null : await openCheck(options.check, calibration!, subject, options);
    for (const name of names) {
      if (name === 'head' && options.parts === null && !subject.restorer.readsHead) continue;
      const tellOf = (line: string) => print(`${name.padEnd(12)}${line}`);
      try {
        evidence[name] = await parts[name](subject, { calibration, alpha, check });
        evidence[name].lines.forEach(tellOf);
      } catch (error) {
        if (!(error instanceof PartUnavailable) || options.parts !== null) throw error;
        tellOf(`left out: ${error.parts.got}`);
      }
    }
    const written = await writeEvidence(subject, evidence, folder);
    print(`written     ${written.join(', ')}`);
    return { evidence, written };
  } finally {
    await subject.restorer.dispose();
  }
}

function tell({ model, restorer, name, notes, network, reading }: Subject, print: (line: string) => void): void {
  print(`model       ${model.label}; x${describeFactor(factorOf(model))}; ${restorer.device}`);
  for (const note of notes) print(`image       ${name}: ${note}`);
  const level = Number(reading.level.toPrecision(4));
  const length = formatLength(network.length, network.unit);
  print(`network     ${network.branches.length} branches, ${length}, above ${level} (normalised; ${reading.origin})`);
}

/** Files that every call writes. */
const TABLE = 'branches.csv';

/** @throws {InputError} where the folder is a file, or holds an earlier result. */
function requireFree(folder: string, force: boolean): void {
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new InputError({ who: '--out', got: `${folder}, a file`, wanted: 'a folder for what is found' });
  if (force || !existsSync(join(folder, TABLE))) return;
  throw new InputError({
    who: join(folder, TABLE),
    got: 'a file that is there already',
    wanted: 'a new name',
    remedy: 'name another folder with --out, or write over it with --force',
  });
}

async function writeEvidence(
  subject: Subject,
  evidence: Readonly<Partial<Record<PartName, Evidence>>>,
  folder: string,
): Promise<string[]> {
  const { network } = subject;
  const found = Object.values(evidence);
  const columns = found.flatMap((each) => each.columns);
  const figures = found.flatMap((each) => each.figures);
  const tables = found.flatMap((each) => each.tables ?? []);
  const at = (name: string) => join(folder, name);
  const table = at(TABLE);
  const graphMl = at('network.graphml');
  const json = at('network.json');
  const summary = at('summary.json');
  const drawn = figures.flatMap(({ name }) => ['svg', 'pdf', 'png'].map((kind) => at(`${name}.${kind}`)));
  const files = [table, graphMl, json, summary, ...tables.map(({ name }) => at(name)), ...drawn];
  const facts = graphFacts(subject);
  await stageFiles(files, async (staged) => {
    const rows = [branchHeader(network.unit, columns), ...branchRows(network, 0, columns)];
    writeFileAtomic(staged(table), rows.join(''));
    await writeStreamAtomic(staged(graphMl), graphMlText(network, facts, { columns }));
    await writeStreamAtomic(staged(json), nodeLinkText(network, facts, { columns }));
    writeJson(staged(summary), summaryOf(subject, evidence));
    for (const { name, text } of tables) writeFileAtomic(staged(at(name)), text);
    for (const { name, svg } of figures) await renderFigure(svg, { outDir: dirname(staged(table)), name });
  });
  return files;
}

function graphFacts({ name, model, reading }: Subject): GraphFacts {
  return {
    image: name,
    model: model.label,
    level: Number(reading.level.toPrecision(7)),
    level_from: reading.origin,
    smoothing_px: reading.smoothing,
    made_by: `Lacuna ${version} explain`,
  };
}

function summaryOf(subject: Subject, evidence: Readonly<Partial<Record<PartName, Evidence>>>): unknown {
  const { network, degradation, model } = subject;
  return {
    ...graphFacts(subject),
    model_sha256: model.digest,
    degradation,
    branches: network.branches.length,
    length: network.length,
    unit: network.unit,
    ...Object.fromEntries(Object.entries(evidence).map(([name, { facts }]) => [name, facts])),
  };
}
