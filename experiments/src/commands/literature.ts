import { join } from 'node:path';
import type { Command } from 'commander';
import { makeFolder, writeFileAtomic } from '@lacuna/core';
import {
  compareAged,
  compareWithLiterature,
  literatureSpecimens,
  measureSpecimens,
  structureNames,
  structures,
  writePng,
  type Comparison,
} from '@lacuna/datasets';
import { positiveInteger, wholeNumber } from './options.js';
import { parseStructure } from './synthesize.js';

interface LiteratureOptions {
  readonly specimens: number;
  readonly seed: number;
  readonly out?: string;
}

/** `lacuna literature`: synthetic specimens beside the published figures. */
export function register(program: Command): void {
  program
    .command('literature')
    .description(
      'hold synthetic networks to the published figures: densities, degrees, lengths, diameters, porosity, distances',
    )
    .argument('[structures...]', `${structureNames.join(', ')}; all where none is named`)
    .option('--specimens <n>', 'of each structure', positiveInteger('--specimens'), 4)
    .option('--seed <n>', 'of the first specimen', wholeNumber('--seed'), 0)
    .option('--out <folder>', 'writes literature.md, a plot of every distribution and structures.png')
    .action(async (names: string[], { specimens: count, seed, out }: LiteratureOptions) => {
      const pages: string[] = [];
      if (out !== undefined) makeFolder(out);
      for (const name of names.length > 0 ? names.map(parseStructure) : structureNames) {
        const young = literatureSpecimens(name, { count, seed, phenotype: 'young' });
        const samples = measureSpecimens(name, young);
        const aged = literatureSpecimens(name, { count, seed, phenotype: 'aged' });
        const page = [
          `### ${name}`,
          table(compareWithLiterature(samples)),
          'Aged (`--phenotype aged`):',
          `${table(compareAged(name, aged, young))}\n`,
        ].join('\n\n');
        console.log(page);
        pages.push(page);
        if (out === undefined) continue;
        const [{ drawDistributions }, { renderPng }] = await Promise.all([
          import('../figures/charts/distributions.js'),
          import('../figures/drawing/png.js'),
        ]);
        const svg = drawDistributions({ title: `Synthetic ${name} (${count} specimens) and the literature`, samples });
        writeFileAtomic(join(out, `${name}.svg`), svg);
        writeFileAtomic(join(out, `${name}.png`), renderPng(svg));
      }
      if (out === undefined) return;
      writeFileAtomic(join(out, 'literature.md'), pages.join('\n'));
      await drawStructures(join(out, 'structures.png'), seed);
    });
}

/**
 * Maximum projections: 4 µm of dentin at 0.1 µm, 12 µm of a lacuno-canalicular network at 0.2 µm, 1 mm of cortical bone
 * at 8 µm.
 */
async function drawStructures(path: string, seed: number): Promise<void> {
  const { sideBySide } = await import('../figures/volumes/projections.js');
  const fine = { x: 0.1, y: 0.1, z: 0.2, unit: 'um' } as const;
  const coarse = { x: 8, y: 8, z: 8, unit: 'um' } as const;
  const size = { width: 400, height: 400, seed };
  await writePng(
    path,
    sideBySide([
      structures.dentin.synthesize({ ...size, depth: 20, pixelSize: fine }).image,
      structures.lacunocanalicular.synthesize({ ...size, depth: 60, pixelSize: { ...fine, x: 0.2, y: 0.2 } }).image,
      structures.cortical.synthesize({ ...size, depth: 125, pixelSize: coarse }).image,
    ]),
    { bits: 8 },
  );
}

function table(rows: readonly Comparison[]): string {
  const digits = (value: number) => (Number.isNaN(value) ? 'not measured' : String(Number(value.toPrecision(3))));
  const off = ({ off: share }: Comparison) => {
    if (Number.isNaN(share)) return '?';
    return share === 0 ? 'within' : `${(100 * share).toFixed(0)} % outside`;
  };
  return [
    '| quantity | statistic | measured | literature | accepted | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => {
      const cells = [
        `${row.quantity}${row.unit ? `, ${row.unit}` : ''}`,
        row.statistic,
        digits(row.measured),
        row.published,
        `${digits(row.low)} to ${digits(row.high)}`,
        off(row),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}
