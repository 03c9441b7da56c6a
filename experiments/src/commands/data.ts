import type { Command } from 'commander';
import { InputError } from '@lacuna/core';
import { fetchEntry, listRegistry, registryEntry, requirePinned, termsOf, verifyEntry, type RegistryEntry } from '@lacuna/datasets';

/** `lacuna data list|show|fetch|verify`: public data sets, pinned file by file. */
export function register(program: Command): void {
  const command = program.command('data').description('public data sets: what they are, whose, under which licence; fetch and verify them');
  command.command('list').description('every data set that Lacuna knows').option('--json', 'as JSON').action(({ json }: { json?: boolean }) => {
    const entries = listRegistry();
    if (json) console.log(JSON.stringify(entries.map(summary), null, 2));
    else for (const entry of entries) console.log(`${entry.id.padEnd(11)} ${size(entry).padStart(9)}  ${entry.licence.padEnd(16).slice(0, 16)}  ${entry.title}${entry.origin.kind === 'by-hand' ? ' (not pinned)' : ''}`);
  });
  command.command('show').description('all that is known of one').argument('<id>').option('--json', 'as JSON').action((id: string, { json }: { json?: boolean }) => {
    const entry = registryEntry(id);
    console.log(json ? JSON.stringify({ ...summary(entry), hashes: entry.files }, null, 2) : describe(entry));
  });
  command.command('fetch').description('fetch one into the cache, or find it in LACUNA_DATA; each file is compared with its SHA-256').argument('<id>').option('--json', 'as JSON')
    .option('--files <names>', 'only these, separated by commas').action(async (id: string, { json, files }: { json?: boolean; files?: string }) => {
      const entry = registryEntry(id), terms = termsOf(entry), tell = progressLine();
      if (terms) console.error(`note: ${terms}`);
      requirePinned(entry);
      console.error(`${entry.title}; ${entry.attribution}; ${entry.licence}. Cite: ${entry.citation}`);
      const stop = new AbortController(), abort = () => stop.abort();
      process.once('SIGINT', abort);
      try {
        const paths = await fetchEntry(id, { signal: stop.signal, onProgress: ({ file, received, total }) => tell(`${file.split('/').at(-1)!}: ${((100 * received) / total).toFixed(0)} % of ${(total / 1e6).toFixed(1)} MB`) }, files?.split(','));
        tell(null);
        console.log(json ? JSON.stringify({ id, files: paths }, null, 2) : `${paths.length} file${paths.length === 1 ? '' : 's'} of ${id}, verified`);
      } finally {
        process.off('SIGINT', abort);
      }
    });
  command.command('verify').description('compare what is here with its SHA-256; fetches nothing').argument('[id]', 'one data set; all that are here by default').option('--json', 'as JSON')
    .action(async (id: string | undefined, { json }: { json?: boolean }) => {
      const ids = id === undefined ? listRegistry().filter(({ origin }) => origin.kind !== 'by-hand').map((entry) => entry.id) : [id];
      const found = [];
      for (const name of ids) {
        const states = await verifyEntry(name), count = (state: string) => states.filter((file) => file.state === state).length;
        found.push({ id: name, files: states.length, verified: count('verified'), different: count('different'), missing: count('missing'), wrong: states.filter(({ state }) => state === 'different').map(({ path }) => path) });
      }
      if (json) console.log(JSON.stringify(found, null, 2));
      else for (const { id: name, files, verified, different, missing, wrong } of found) console.log([`${name.padEnd(11)} ${verified} of ${files} verified`, ...(missing ? [`${missing} not here`] : []), ...(different ? [`${different} differ: ${wrong.join(', ')}`] : [])].join(', '));
      if (found.some(({ different }) => different > 0)) process.exitCode = 1;
      else if (id !== undefined && found[0]!.missing > 0) throw new InputError({ who: `data ${id}`, got: `${found[0]!.missing} of ${found[0]!.files} files missing`, wanted: 'all of them', remedy: `lacuna data fetch ${id}` });
    });
}

function bytesOf({ files }: RegistryEntry): number {
  return Object.values(files).reduce((sum, [, bytes]) => sum + bytes, 0);
}

function size(entry: RegistryEntry): string {
  return entry.origin.kind === 'by-hand' ? '' : `${(bytesOf(entry) / 1e6).toFixed(1)} MB`;
}

/** An entry without the hash of every file. */
function summary({ files, ...entry }: RegistryEntry): object {
  return { ...entry, pinned: entry.origin.kind !== 'by-hand', files: Object.keys(files).length, bytes: bytesOf({ ...entry, files }) };
}

function describe(entry: RegistryEntry): string {
  const { origin, pixelSize } = entry, terms = termsOf(entry);
  const from = origin.kind === 'repository' ? `${origin.repository} at ${origin.commit}, ${origin.path}` : origin.kind === 'wheel' ? `the wheel of ${origin.package} ${origin.version} (SHA-256 ${origin.sha256}), ${origin.path}` : `${origin.page}, by hand: not pinned, no checksums are known here`;
  const lines: [string, string][] = [
    ['title', entry.title], ['licence', `${entry.licence}${terms ? `; ${terms}` : ''}`], ['by', entry.attribution], ['cite', entry.citation], ['modality', entry.modality],
    ['pixel size', pixelSize ? `${[pixelSize.x, pixelSize.y, ...(pixelSize.z === undefined ? [] : [pixelSize.z])].join(' x ')} ${pixelSize.unit}` : 'not recorded'],
    ['files', origin.kind === 'by-hand' ? 'not pinned' : `${Object.keys(entry.files).length}, ${size(entry)}, ${entry.layout === 'stack' ? 'slices of one volume' : 'each an image'}`], ['from', from], ['split', entry.splitAdvice], ['notes', entry.notes],
  ];
  return [entry.id, ...lines.map(([name, text]) => `  ${name.padEnd(11)} ${text}`)].join('\n');
}

/** One line of a terminal, written over and over; elsewhere nothing. */
function progressLine(): (text: string | null) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (text) => void process.stderr.write(text === null ? '\r\x1b[K' : `\r\x1b[K${text}`);
}
