// Bundles the command line and the process of a trial: some 700 modules of ours start as a few files.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { compiledFolders, programFolder, programFolders } from '../bin/program-folder.mjs';

/** Bundles of earlier builds that stay, and for how long others do: a sweep goes on with the one that it began with. */
const KEPT = 8;
const KEPT_DAYS = 3;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const root = here('../../');
const entries = { cli: here('../dist/cli.js'), 'trial-process': here('../dist/trial/trial-process.js') };

/**
 * What the bundler calls for template literals with `</script>` in them: it takes them apart, as if they stood in HTML.
 * The helper's own package is not installed.
 */
const TAGGED = '@oxc-project/runtime/helpers/taggedTemplateLiteral';
const taggedHelper = `export default function taggedTemplate(cooked, raw = cooked) {
  return Object.freeze(Object.assign(cooked, { raw: Object.freeze([...raw]) }));
}`;
const taggedTemplates = {
  name: 'tagged-templates',
  resolveId: (id) => (id === TAGGED ? id : null),
  load: (id) => (id === TAGGED ? taggedHelper : null),
};

/**
 * Whether a module is bundled: ours are, and zod with its hundred files. Whatever else is installed is loaded as it is,
 * from the root, and so must not be installed for one package alone.
 */
function isBundled(id) {
  if (id === TAGGED || isAbsolute(id) || /^(\.|@lacuna\/|mlflow-ts-client(\/|$)|zod(\/|$))/.test(id)) return true;
  const [name] = /^(@[^/]+\/)?[^/]+/.exec(id);
  const alone = compiledFolders.find((folder) => existsSync(resolve(root, folder, 'node_modules', name)));
  if (alone !== undefined)
    throw new Error(`${name}: got a copy in ${alone}/node_modules, wanted one in the root's node_modules alone`);
  return false;
}

/**
 * A module finds files beside itself by `import.meta.url`: in the bundle this stays the address of the module that it
 * was, but for the process of a trial, which is bundled too.
 */
function addresses(folder) {
  const names = new Map(Object.entries(entries).map(([name, path]) => [path, name]));
  return {
    name: 'addresses',
    transform(code, id) {
      if (!code.includes('import.meta.url')) return null;
      const own = `new URL('${relative(folder, id).replaceAll('\\', '/')}', import.meta.url).href`;
      return code.replace(/new URL\('([^']+)', import\.meta\.url\)|import\.meta\.url/g, (text, path) => {
        const name = path && names.get(resolve(dirname(id), path));
        return name ? `new URL('./${name}.js', import.meta.url)` : text.replace('import.meta.url', own);
      });
    },
  };
}

async function bundle(folder) {
  const build = await rolldown({
    input: entries,
    platform: 'node',
    external: (id) => !isBundled(id),
    // Registers are filled while modules load: nothing is left out.
    treeshake: false,
    plugins: [taggedTemplates, addresses(folder)],
    resolve: { conditionNames: ['import', 'node', 'default'] },
  });
  await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: ({ facadeModuleId }) =>
      /[/\\]commands[/\\][^/\\]+$/.test(facadeModuleId ?? '') ? 'command-[name].js' : 'part-[name]-[hash].js',
  });
  await build.close();
}

function dropOldBundles(current) {
  const others = readdirSync(programFolders)
    .map((name) => fileURLToPath(new URL(name, programFolders)))
    .filter((path) => path !== current)
    .map((path) => ({ path, days: (Date.now() - statSync(path).mtimeMs) / 86_400_000 }))
    .sort((a, b) => a.days - b.days);
  for (const { path, days } of others.slice(KEPT)) if (days > KEPT_DAYS) rmSync(path, { recursive: true, force: true });
}

const folder = fileURLToPath(programFolder()).replace(/[/\\]$/, '');
if (!existsSync(folder)) {
  const unfinished = `${folder}.${process.pid}.part`;
  mkdirSync(unfinished, { recursive: true });
  await bundle(unfinished);
  renameSync(unfinished, folder);
}
dropOldBundles(folder);
