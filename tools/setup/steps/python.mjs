// A virtual environment with the pinned MLflow, shared by all clones of one user.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderBytes, shortHash, withLock } from '../files.mjs';
import { installCommand } from '../install-commands.mjs';
import { installRequirements } from '../pip.mjs';
import { pythons } from '../pins.mjs';
import { megabytes } from '../report.mjs';
import { lastLines, run, which } from '../shell.mjs';

const venvPython = (venv) => join(venv, 'bin', 'python');

/**
 * The first Python on the PATH of a version that the pins cover: {path, version}, or null. `LACUNA_SETUP_PYTHON`
 * names another.
 */
export async function findPython() {
  const names = ['python3', ...pythons.map((version) => `python${version}`), 'python'];
  const candidates = process.env.LACUNA_SETUP_PYTHON
    ? [process.env.LACUNA_SETUP_PYTHON]
    : names.map((name) => which(name)).filter(Boolean);
  for (const path of candidates) {
    const { status, output } = await run(path, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    const version = output.trim();
    if (status === 0 && pythons.includes(version)) return { path, version };
  }
  return null;
}

/**
 * The virtual environment's folder and how to call pip in it; creates it when it is not there.
 * @returns {Promise<{venv: string, python: string, pip: string[]} | null>} null when Python or its venv is missing:
 * the report says so.
 */
export async function prepareVenv(root, cache, report) {
  const venv = join(cache, `venv-${shortHash(readFileSync(join(root, 'tools/setup/requirements.txt'), 'utf8'))}`);
  const result = { venv, python: venvPython(venv), pip: [venvPython(venv), '-m', 'pip'] };
  const outside = join(venv, '.pip-from');
  const ready = () => {
    if (!existsSync(result.python) || !existsSync(join(venv, '.created'))) return false;
    if (existsSync(outside)) result.pip = [readFileSync(outside, 'utf8'), '-m', 'pip', '--python', result.python];
    return true;
  };
  if (ready()) return result;
  return withLock(
    venv,
    async () => {
      if (ready()) return result;
      const python = await findPython();
      if (!python) {
        report.lacks(
          `Python ${pythons.at(-1)} to ${pythons[0]}`,
          'no TensorFlow library, no local MLflow: the WASM engine trains, tracking stays in the journal',
          installCommand('python'),
        );
        return null;
      }
      rmSync(venv, { recursive: true, force: true });
      mkdirSync(cache, { recursive: true });
      let said = null;
      await report.step(`Python ${python.version} environment`, async () => {
        const made = await run(python.path, ['-m', 'venv', venv]);
        if (made.status === 0) return (said = venv);
        // Without ensurepip a bare environment will do, served by the pip outside of it.
        rmSync(venv, { recursive: true, force: true });
        const bare = await run(python.path, ['-m', 'venv', '--without-pip', venv]);
        const pip = await run(python.path, ['-m', 'pip', '--python', result.python, '--version']);
        if (bare.status !== 0 || pip.status !== 0) {
          report.lacks(
            'the Python modules venv and ensurepip',
            'no TensorFlow library, no local MLflow: the WASM engine trains, tracking stays in the journal ' +
              `(${lastLines(made.output, 1)})`,
            installCommand('venv'),
          );
          rmSync(venv, { recursive: true, force: true });
          return null;
        }
        writeFileSync(outside, python.path);
        return (said = `${venv}, without ensurepip`);
      });
      if (!said) return null;
      writeFileSync(join(venv, '.created'), python.version);
      ready();
      return result;
    },
    () => report.line('Python environment: another set-up makes it, waiting'),
  );
}

/** Installs a pinned file into the environment once; true when it is in. */
export async function installPinned(environment, root, file, name, report) {
  const path = join(root, 'tools/setup', file);
  const stamp = join(environment.venv, `.installed-${shortHash(readFileSync(path, 'utf8'))}`);
  if (existsSync(stamp)) return true;
  return withLock(
    join(environment.venv, '.install'),
    async () => {
      if (existsSync(stamp)) return true;
      try {
        await report.step(name, async () => {
          const bytes = await installRequirements(environment.pip, path, report, name);
          writeFileSync(stamp, '');
          return `${megabytes(bytes)} downloaded, ${megabytes(folderBytes(environment.venv))} on disk`;
        });
        return true;
      } catch (error) {
        report.lacks(name, 'not installed', `check the network and run npm run setup again (${error.message})`);
        return false;
      }
    },
    () => report.line(`${name}: another set-up installs it, waiting`),
  );
}
