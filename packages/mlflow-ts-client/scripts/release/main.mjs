// npm run release:check [-- TARBALL]: builds and packs the package from clean sources, installs the tarball in an empty
// project, tries it as an ES module, as CommonJS, for browsers and for its types, and refuses one that is not whole.
// With TARBALL, tries that one. What passes lies in release/, to be published as it is: npm publish release/NAME.tgz
import { renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { problemsOf } from './check.mjs';
import { installTarball } from './install.mjs';
import { packRelease } from './pack.mjs';

const releases = fileURLToPath(new URL('../../release/', import.meta.url));
const unchecked = join(releases, 'unchecked');
const given = process.argv[2];
const tarball = given ?? (await packRelease(unchecked));
const dir = await installTarball(tarball);
const problems = await problemsOf(dir).finally(() => rmSync(dir, { recursive: true, force: true }));
if (problems.length > 0) {
  console.error(`${basename(tarball)}: not to be published`);
  for (const problem of problems) console.error(`  ${problem}`);
  process.exitCode = 1;
} else {
  const whole = given ?? join(releases, basename(tarball));
  if (given === undefined) renameSync(tarball, whole);
  console.log(`${whole}: whole (ES module, CommonJS, browser, types)`);
}
rmSync(unchecked, { recursive: true, force: true });
