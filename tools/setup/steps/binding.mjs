// Node's binding to TensorFlow's C library: two sources of @tensorflow/tfjs-node-gpu, compiled once a user.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readJson, relink, shortHash, withLock } from '../files.mjs';
import { installCommand } from '../install-commands.mjs';
import { tensorflowVersion } from '../pins.mjs';
import { lastLines, run, which } from '../shell.mjs';

const libraries = {
  'libtensorflow.so': 'cc',
  'libtensorflow_cc.so.2': 'cc',
  'libtensorflow_framework.so': 'framework',
  'libtensorflow_framework.so.2': 'framework',
};

/**
 * Puts `lib/napi-v8/tfjs_binding.node` in place, linked against `tensorflow.folder`.
 * @returns {Promise<string | null>} its path.
 */
export async function prepareBinding(root, cache, tensorflow, report) {
  const home = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');
  const binding = join(home, 'lib/napi-v8/tfjs_binding.node');
  const stamp = join(home, 'lib/napi-v8/.lacuna');
  const { version } = readJson(join(home, 'package.json'));
  const key =
    `tfjs ${version}, TensorFlow ${tensorflowVersion}, N-API 8, ${process.platform}-${process.arch}, ` +
    `${tensorflow.folder}`;
  if (existsSync(binding) && existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return binding;

  const compiler = which(process.env.CXX || 'c++') ?? which('g++') ?? which('clang++');
  const described = compiler ? (await run(compiler, ['--version'])).output.split('\n')[0] : '';
  const prefix = `binding-${shortHash(`${version} ${tensorflowVersion} ${process.platform} ${process.arch}`)}-`;
  const cached = () => {
    const names = existsSync(cache)
      ? readdirSync(cache).filter((name) => name.startsWith(prefix) && name.endsWith('.node'))
      : [];
    const own = `${prefix}${shortHash(described)}.node`;
    // One compiled by another compiler of this user serves where none is left.
    if (names.includes(own)) return join(cache, own);
    return compiler || !names[0] ? null : join(cache, names[0]);
  };
  relink(join(tensorflow.folder, 'tensorflow/include'), join(home, 'deps/include'));
  rmSync(join(home, 'deps/lib'), { recursive: true, force: true });
  for (const [name, kind] of Object.entries(libraries)) {
    relink(join(tensorflow.folder, `tensorflow/libtensorflow_${kind}.so.2`), join(home, 'deps/lib', name));
  }
  let source = cached();
  if (!source) {
    if (!compiler) {
      report.lacks(
        'a C++ compiler',
        "TensorFlow's binding is not built: the WASM engine trains instead, slower",
        installCommand('compiler'),
      );
      return null;
    }
    source = join(cache, `${prefix}${shortHash(described)}.node`);
    const failed = await withLock(
      source,
      async () => {
        if (existsSync(source)) return null;
        let failure = null;
        await report.step('TensorFlow binding', async () => {
          const part = `${source}.${process.pid}.part`;
          const { status, output } = await run(
            compiler,
            [
              '-std=c++17',
              '-O2',
              '-shared',
              '-fPIC',
              '-DNAPI_VERSION=8',
              '-I',
              join(root, 'node_modules/node-api-headers/include'),
              '-I',
              'deps/include',
              '-I',
              '.',
              'binding/tfjs_backend.cc',
              'binding/tfjs_binding.cc',
              '-o',
              part,
              '-L',
              'deps/lib',
              '-ltensorflow',
              '-ltensorflow_framework',
              '-Wl,-rpath,$ORIGIN/../../deps/lib',
            ],
            { cwd: home },
          );
          if (status !== 0) {
            rmSync(part, { force: true });
            failure = lastLines(output);
            return null;
          }
          renameSync(part, source);
          return `compiled with ${described}`;
        });
        return failure;
      },
      () => report.line('TensorFlow binding: another set-up compiles it, waiting'),
    );
    if (failed) {
      report.lacks(
        "a compiler that builds TensorFlow's binding",
        `it is not built: the WASM engine trains instead, slower (${failed})`,
        installCommand('compiler'),
      );
      return null;
    }
  }
  mkdirSync(join(home, 'lib/napi-v8'), { recursive: true });
  rmSync(binding, { force: true });
  copyFileSync(source, binding);
  const check = await run(process.execPath, ['-e', `process.dlopen({ exports: {} }, ${JSON.stringify(binding)})`]);
  if (check.status !== 0) {
    rmSync(binding, { force: true });
    rmSync(source, { force: true });
    report.lacks(
      'a binding that loads',
      `the WASM engine trains instead, slower (${lastLines(check.output)})`,
      'run npm run setup again, which compiles it anew',
    );
    return null;
  }
  rmSync(stamp, { force: true });
  writeFileSync(stamp, key);
  return binding;
}
