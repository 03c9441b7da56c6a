// TensorFlow's C library and headers, taken out of its Python wheel into the per-user cache.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderBytes, makeFolder, shortHash, withLock } from '../files.mjs';
import { cpuWheels, gpuWheels, tensorflowVersion, wheelTarget } from '../pins.mjs';
import { downloadWheel } from '../pip.mjs';
import { megabytes } from '../report.mjs';
import { run, which } from '../shell.mjs';
import { unzip } from '../unzip.mjs';

/** What the binding links and loads; of the CUDA wheels everything but headers, static libraries and Python. */
export function wantedMember(name) {
  if (name.startsWith('tensorflow/include/')) return !name.endsWith('.py');
  if (name.startsWith('tensorflow/')) return /^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/.test(name);
  return name.startsWith('nvidia/') && !name.includes('/include/') && !/\.(py|a)$/.test(name);
}

/** Whether an NVIDIA GPU answers; asks nvidia-smi only where the driver shows itself. */
export async function hasGpu() {
  if (process.env.LACUNA_DEVICE === 'cpu') return false;
  if (!existsSync('/dev/nvidiactl') || !which('nvidia-smi')) return false;
  const { status, output } = await run('nvidia-smi', ['-L']);
  return status === 0 && output.includes('GPU 0');
}

/** Why this machine cannot load the wheel's library, or null. */
export function unsupported({ platform = process.platform, arch = process.arch, glibc = glibcVersion() } = {}) {
  if (platform !== 'linux') return `TensorFlow's library on ${platform}`;
  if (arch !== 'x64') return `TensorFlow's library on ${arch}`;
  if (!glibc) return 'glibc';
  const older = glibc.localeCompare(wheelTarget.glibc, 'en', { numeric: true }) < 0;
  return older ? `glibc ${wheelTarget.glibc} (this is ${glibc})` : null;
}

function glibcVersion() {
  return process.report.getReport().header.glibcVersionRuntime;
}

const folderOf = (cache, kind, wheels) =>
  join(cache, `tensorflow-${tensorflowVersion}-${kind}-${shortHash(...wheels.map(({ sha256 }) => sha256))}`);

/**
 * The folder that holds `tensorflow/` (and, for a GPU, `nvidia/` beside it); downloads it when it is not there.
 * @param venv promise of the Python environment whose pip downloads.
 * @returns {Promise<{folder: string, kind: 'cpu' | 'gpu'} | null>}
 */
export async function prepareTensorFlow(cache, venv, report) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    report.lacks(
      unsupported(),
      'the WASM engine trains instead, slower',
      'use x86-64 Linux with glibc 2.27 or newer for TensorFlow',
    );
    return null;
  }
  const kind = (await hasGpu()) ? 'gpu' : 'cpu';
  const wheels = kind === 'gpu' ? gpuWheels : cpuWheels;
  const folder = folderOf(cache, kind, wheels);
  const found = { folder, kind };
  if (existsSync(join(folder, '.complete'))) return found;
  const lacking = unsupported();
  if (lacking) {
    report.lacks(
      lacking,
      'the WASM engine trains instead, slower',
      'use x86-64 Linux with glibc 2.27 or newer for TensorFlow',
    );
    return null;
  }
  const environment = await venv;
  if (!environment) return null;
  mkdirSync(cache, { recursive: true });
  try {
    await withLock(
      folder,
      () =>
        makeFolder(folder, (part) =>
          report.step(`TensorFlow ${tensorflowVersion} for ${kind === 'gpu' ? 'the GPU' : 'CPU'}`, async () => {
            for (const wheel of wheels) {
              const file = await downloadWheel(environment.pip, wheel, part, report);
              await unzip(environment.python, file, part, wantedMember);
              rmSync(dirname(dirname(file)), { recursive: true, force: true });
            }
            return `hashes verified, ${megabytes(folderBytes(part))} in ${folder}`;
          }),
        ),
      () => report.line('TensorFlow: another set-up downloads it, waiting'),
    );
    return found;
  } catch (error) {
    report.lacks(
      "TensorFlow's library",
      'the WASM engine trains instead, slower',
      `check network and disk space and run npm run setup again (${error.message})`,
    );
    return null;
  }
}
