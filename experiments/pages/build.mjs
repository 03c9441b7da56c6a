// Bundles what runs in browsers: experiments/pages to experiments/dist/pages.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = here('../dist/pages/');

/** Files of the demo that are taken as they are. */
const plain = ['index.html', 'style.css', 'icon.svg', 'service-worker.js'];

async function bundle(input, output) {
  const build = await rolldown({
    input,
    platform: 'browser',
    resolve: {
      conditionNames: ['browser', 'import', 'default'],
      // Sources name their twins as they are after compiling.
      extensionAlias: { '.js': ['.ts', '.js'] },
      alias: {
        'csv-stringify/sync': 'csv-stringify/browser/esm/sync',
        'csv-parse/sync': 'csv-parse/browser/esm/sync',
      },
    },
    onLog(level, log, handle) {
      // What Node loads when it is needed is in the page from the start.
      if (log.code === 'INEFFECTIVE_DYNAMIC_IMPORT') return;
      // What needs Node would fail in the browser alone, long after: it fails here.
      handle(level === 'warn' && log.code === 'UNRESOLVED_IMPORT' ? 'error' : level, log);
    },
  });
  await build.write({ minify: true, ...output });
  await build.close();
}

rmSync(out, { recursive: true, force: true });
mkdirSync(`${out}demo`, { recursive: true });
for (const file of plain) cpSync(here(`demo/${file}`), `${out}demo/${file}`);
await bundle(
  { main: here('demo/main.ts'), worker: here('demo/worker.ts') },
  { dir: `${out}demo`, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name].js' },
);
await bundle(here('report/main.ts'), { file: `${out}report.js`, format: 'iife' });
