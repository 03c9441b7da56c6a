import { Option, type Command } from 'commander';
import { exportFormats, exportTrained, type ExportFormat } from '../export/export.js';

interface Given {
  readonly format: ExportFormat;
  readonly out: string;
  readonly precision: 'float32' | 'float16';
  readonly licence?: string;
  readonly by?: string;
  readonly method?: string;
  readonly trackingUri?: string;
  readonly force?: boolean;
}

/** `lacuna export`: a trained model for other programs. */
export function register(program: Command): void {
  program
    .command('export')
    .description('write a trained model as ONNX, or as a package of the BioImage Model Zoo')
    .argument('<model>', 'a checkpoint, the folder of a trial or sweep, an MLflow run id or experiment')
    .addOption(
      new Option(
        '--format <format>',
        'onnx: one file; bioimageio: rdf.yaml, weights, test tensors, cover, documentation',
      )
        .choices(exportFormats)
        .default('onnx'),
    )
    .requiredOption('--out <folder>', 'a folder; a package may also go into one .zip')
    .addOption(
      new Option('--precision <type>', 'how the weights are stored').choices(['float32', 'float16']).default('float32'),
    )
    .option('--licence <id>', "SPDX id of the model's licence (default: Lacuna's)")
    .option(
      '--by <metric>',
      'of a sweep or experiment: the model with the best validation score (default: what its spec selects by)',
    )
    .option('--method <name>', 'of a sweep or experiment: models of this method only')
    .option('--tracking-uri <uri>', 'the MLflow server that knows the run')
    .option('--force', 'write over what lies there')
    .action(async (model: string, given: Given) => {
      const paths = await exportTrained(model, {
        format: given.format,
        out: given.out,
        precision: given.precision,
        licence: given.licence ?? null,
        force: given.force ?? false,
        by: given.by ?? null,
        method: given.method ?? null,
        trackingUri: given.trackingUri ?? null,
      });
      for (const path of paths) console.log(path);
    });
}
