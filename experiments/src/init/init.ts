import { existsSync, rmSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { InputError, withAtomicFile, writeFileAtomic, printable } from '@lacuna/core';
import { renderTable } from '@lacuna/sweep';
import { checkHeaders, withDimensions } from '../sweep/checks/check-headers.js';
import { checkShapes } from '../sweep/checks/check-shapes.js';
import { planSweep } from '../sweep/plan/plan.js';
import { shellQuote } from '../sweep/plan/selection.js';
import { choose } from './choose.js';
import { factsOf, warningsOf, type Warning } from './findings.js';
import { FINEST } from './measure.js';
import { pictureOf } from './picture.js';
import { manifestText, needsManifest, specText } from './spec-text.js';
import { surveyImages, type Survey } from './survey.js';

/** What `lacuna init` is told besides the folders. */
export interface InitOptions {
  /** The spec; beside where it is called, named by the folder, when left out. */
  readonly out?: string;
  readonly factor?: number;
  readonly force?: boolean;
}

/** Files that were written, and what was warned of. */
export interface Initialised {
  readonly spec: string;
  readonly picture: string;
  readonly manifest: string | null;
  readonly warnings: readonly Warning[];
}

/**
 * Looks at the images of a folder (or of two, of fine and coarse scans), says what it found, and writes a spec that
 * runs, a picture, and a list of the images where not all of them are used.
 * @throws {InputError} for folders without images that can be read, for images too small for any patch, and for files
 * that are there already.
 */
export async function initialise(
  folders: readonly string[],
  options: InitOptions,
  print: (text: string) => void = (text) => console.log(printable(text)),
): Promise<Initialised> {
  const spec = options.out ?? `${nameOf(folders[0])}.yaml`;
  requireYaml(spec);
  const stem = join(dirname(spec), basename(spec, extname(spec)));
  const picture = `${stem}.png`;
  const list = `${stem}.csv`;
  if (!options.force) requireFree([spec, picture]);
  const survey = await surveyImages(folders);
  const manifest = needsManifest(survey) ? list : null;
  if (!options.force && manifest !== null) requireFree([manifest]);
  const choices = choose(survey, options.factor ?? null);
  const warnings = warningsOf(survey, choices);
  print(`${folders.join(' and ')}:`);
  for (const fact of factsOf(survey, choices)) print(`  ${fact}`);
  print(tableOf(survey));
  if (choices.isSmaller) print(`note       x${choices.factors.x}: patches of x4 do not fit the smallest image`);
  for (const { what, remedy } of warnings) print(`warning    ${what}\n           ${remedy}`);
  const baseDir = resolve(dirname(spec));
  const text = specText(survey, choices, {
    name: basename(stem),
    file: spec,
    baseDir,
    manifest,
    command: commandOf(folders, options),
  });
  if (manifest !== null) writeFileAtomic(manifest, manifestText(survey, baseDir));
  // Nothing is left under the name of a spec that would not run.
  try {
    await withAtomicFile(spec, async (temporary) => {
      writeFileAtomic(temporary, text);
      await requireRunning(temporary);
    });
  } catch (error) {
    if (manifest !== null) rmSync(manifest, { force: true });
    throw error;
  }
  writeFileAtomic(picture, pictureOf(survey, `What lacuna init found in ${basename(resolve(folders[0]))}`));
  print(`written    ${[spec, picture, ...(manifest === null ? [] : [manifest])].join(', ')}`);
  print(`next       npx lacuna sweep ${shellQuote(spec)} --dry-run`);
  return { spec, picture, manifest, warnings };
}

/** A folder's name as that of a sweep. */
function nameOf(folder: string): string {
  const name = basename(resolve(folder)).replace(/[^\w.-]+/g, '-');
  return /^\w/.test(name) ? name : 'images';
}

function requireYaml(spec: string): void {
  if (/\.ya?ml$/.test(spec)) return;
  throw new InputError({
    who: '--out',
    got: spec,
    wanted: 'the name of a spec, which ends in .yaml',
    remedy: `--out ${shellQuote(`${spec}.yaml`)}`,
  });
}

function requireFree(paths: readonly string[]): void {
  const taken = paths.find((path) => existsSync(path));
  if (taken === undefined) return;
  throw new InputError({
    who: taken,
    got: 'a file that is there already',
    wanted: 'a new name',
    remedy: 'name another with --out, or write over it with --force',
  });
}

/** The checks of `lacuna sweep --dry-run`. */
async function requireRunning(spec: string): Promise<void> {
  const baseDir = process.cwd();
  const sweep = planSweep(spec, { sets: [], baseDir });
  const known = await withDimensions(sweep, { baseDir });
  checkShapes(known.trials);
  await checkHeaders(known.trials, { baseDir });
}

function commandOf(folders: readonly string[], { out, factor }: InitOptions): string {
  const words = [...folders, ...(out ? ['--out', out] : []), ...(factor ? ['--factor', String(factor)] : [])];
  return `npx lacuna init ${words.map(shellQuote).join(' ')}`;
}

/** A row for each plane whose pixels were read. */
function tableOf({ measured }: Survey): string {
  const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;
  const lengthOf = (px: number | null) => (px === null ? '–' : px.toFixed(1));
  return renderTable(measured, [
    {
      title: 'measured image',
      align: 'left',
      text: ({ image, z }) => `${image.name}${image.depth > 1 ? `, z ${z}` : ''}`,
    },
    {
      title: 'size',
      align: 'left',
      text: ({ image: { width, height, depth } }) => `${width} x ${height}${depth > 1 ? ` x ${depth}` : ''}`,
    },
    { title: 'type', align: 'left', text: ({ image }) => image.dtype },
    { title: 'noise', text: ({ noise }) => percent(noise) },
    { title: 'saturated', text: ({ clipping }) => percent(clipping.high) },
    { title: 'light', text: ({ light }) => (light && Number.isFinite(light.ratio) ? light.ratio.toFixed(1) : '–') },
    {
      title: 'sharpness px',
      text: ({ resolution }) => (resolution === FINEST ? `<= ${FINEST}` : lengthOf(resolution)),
    },
    { title: 'branches px', text: ({ width }) => lengthOf(width) },
  ]);
}
