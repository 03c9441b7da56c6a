// All steps of set-up, those that do not wait for each other side by side.
import { join } from 'node:path';
import { cacheRoot, readJson, writeAtomic } from './files.mjs';
import { nodeMinimum, tensorflowVersion } from './pins.mjs';
import { megabytes, Report } from './report.mjs';
import { prepareBinding } from './steps/binding.mjs';
import { build } from './steps/build.mjs';
import { installNodeModules } from './steps/node-modules.mjs';
import { installPinned, prepareVenv } from './steps/python.mjs';
import { prepareRetina } from './steps/retina.mjs';
import { prepareTensorFlow } from './steps/tensorflow.mjs';

/**
 * Brings everything that is missing and writes `.lacuna/setup.json` (its fields: tools/setup/README.md).
 * @param options.tests also install what only tests need.
 * @returns the written state.
 * @throws when npm's packages cannot be installed or the packages do not build: nothing works without them.
 */
export async function setUp(root, { tests = false, out = process.stdout } = {}) {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < nodeMinimum)
    throw new Error(
      `Node: got ${process.version}, wanted ${nodeMinimum} or newer; install it from nodejs.org or with nvm ` +
        `install ${nodeMinimum}`,
    );
  const cache = cacheRoot();
  const report = new Report(out);

  const venv = prepareVenv(root, cache, report);
  const tensorflow = prepareTensorFlow(cache, venv, report);
  const packages = installNodeModules(root, report);
  const mlflow = venv.then(
    (environment) => environment && installPinned(environment, root, 'requirements.txt', 'MLflow', report),
  );
  const image = prepareRetina(cache, venv, report);
  const binding = Promise.all([tensorflow, packages]).then(
    ([found]) => found && prepareBinding(root, cache, found, report),
  );
  const built = packages.then(() => build(root, report));
  // Every step ends before a failure is reported, so that none is left running.
  const settled = await Promise.allSettled([venv, tensorflow, packages, mlflow, image, binding, built]);
  const failed = settled.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
  const [environment, found, , hasMlflow, retina, bindingPath] = settled.map(({ value }) => value);
  const testExtras = Boolean(
    tests &&
    hasMlflow &&
    (await installPinned(environment, root, 'requirements-test.txt', 'what the tests compare against', report)),
  );

  const path = join(root, '.lacuna/setup.json');
  const state = {
    schema: 1,
    cache,
    engine: bindingPath
      ? {
          kind: 'tensorflow',
          device: found.kind,
          version: tensorflowVersion,
          library: join(found.folder, 'tensorflow'),
          binding: bindingPath,
        }
      : { kind: 'wasm', device: 'cpu' },
    python: environment ? environment.python : null,
    mlflow: hasMlflow ? { python: environment.python } : null,
    testExtras: testExtras || Boolean(readJson(path)?.testExtras && environment),
    retina: retina ?? null,
    missing: report.missing,
  };
  const text = `${JSON.stringify(state, null, 2)}\n`;
  if (JSON.stringify(readJson(path)) !== JSON.stringify(state)) writeAtomic(path, text);
  for (const { piece, consequence, remedy } of report.missing)
    out.write(`  missing: ${piece}: ${consequence}\n    ${remedy}\n`);
  if (report.spoke)
    out.write(`Set-up took ${report.seconds.toFixed(1)} s; pip downloaded ${megabytes(report.downloaded)}\n`);
  return state;
}
