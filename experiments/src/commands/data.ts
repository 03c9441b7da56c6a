import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { InputError } from '@lacuna/core';
import {
  describedIds,
  fetchEntry,
  listRegistry,
  registryEntry,
  pinFolder,
  pinnedFile,
  requirePinned,
  requireUserPins,
  termsOf,
  verifyEntry,
  type RegistryEntry,
} from '@lacuna/datasets';
import { describeImageFile, imageText } from '../image-file/describe.js';

/** `lacuna data list|show|fetch|verify`: public data sets, pinned file by file. */
export function register(program: Command): void {
  const command = program
    .command('data')
    .description('public data sets: what they are, whose, under which licence; fetch and verify them');
  command
    .command('list')
    .description('every data set that Lacuna knows')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) => {
      const entries = listRegistry();
      console.log(json ? JSON.stringify(entries.map(summary), null, 2) : entries.map(row).join('\n'));
    });
  command
    .command('show')
    .description('all that is known of one; of an image file: all that it says, and how it is read')
    .argument('<id>', 'a data set, or an image file')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      if (existsSync(id) || /[\\/]|\.\w+$/.test(id)) {
        const shown = await describeImageFile(id);
        console.log(json ? JSON.stringify(shown, null, 2) : imageText(shown));
        return;
      }
      const entry = registryEntry(id);
      console.log(json ? JSON.stringify({ ...summary(entry), hashes: entry.files }, null, 2) : describe(entry));
    });
  command
    .command('fetch')
    .description('fetch one into the cache, or find it in LACUNA_DATA; each file is compared with its SHA-256')
    .argument('<id>')
    .option('--json', 'as JSON')
    .option('--files <names>', 'only these, separated by commas')
    .option('--accept-licence', 'you have read the licence and keep to it')
    .action(
      async (
        id: string,
        { json, files, acceptLicence }: { json?: boolean; files?: string; acceptLicence?: boolean },
      ) => {
        const entry = registryEntry(id);
        const terms = termsOf(entry);
        const tell = progressLine();
        if (terms) console.error(`note: ${terms}`);
        requireAccepted(entry, acceptLicence);
        requirePinned(entry);
        console.error(`${entry.title}; ${entry.attribution}; ${entry.licence}. Cite: ${entry.citation}`);
        const stop = new AbortController();
        const abort = () => stop.abort();
        process.once('SIGINT', abort);
        try {
          const paths = await fetchEntry(
            id,
            {
              signal: stop.signal,
              onProgress: ({ file, received, total }) => {
                const percent = ((100 * received) / total).toFixed(0);
                tell(`${file.split('/').at(-1)!}: ${percent} % of ${(total / 1e6).toFixed(1)} MB`);
              },
            },
            files?.split(','),
          );
          tell(null);
          console.log(json ? JSON.stringify({ id, files: paths }, null, 2) : fetched(entry, paths.length));
        } finally {
          process.off('SIGINT', abort);
        }
      },
    );
  command
    .command('verify')
    .description('compare what is here with its checksum; fetches nothing')
    .argument('[id]', 'one data set; all that are here by default')
    .option('--json', 'as JSON')
    .option('--pin', 'take the checksums of your own unpacked copy (LACUNA_DATA/ID), so that it may be used')
    .option('--accept-licence', 'you have read the licence and keep to it')
    .action(
      async (
        id: string | undefined,
        { json, pin, acceptLicence }: { json?: boolean; pin?: boolean; acceptLicence?: boolean },
      ) => {
        if (pin) return pinCopy(id, acceptLicence, json);
        if (id !== undefined && (registryEntry(id).origin.kind === 'addresses' || !pinned(registryEntry(id))))
          return verifyCopy(id, json);
        const ids =
          id === undefined
            ? listRegistry()
                .filter((entry) => pinned(entry) && entry.origin.kind !== 'addresses')
                .map((entry) => entry.id)
            : [id];
        const found = [];
        for (const name of ids) {
          const states = await verifyEntry(name);
          const count = (state: string) => states.filter((file) => file.state === state).length;
          found.push({
            id: name,
            files: states.length,
            verified: count('verified'),
            different: count('different'),
            missing: count('missing'),
            wrong: states.filter(({ state }) => state === 'different').map(({ path }) => path),
          });
        }
        if (json) console.log(JSON.stringify(found, null, 2));
        else
          for (const { id: name, files, verified, different, missing, wrong } of found)
            console.log(
              [
                `${name.padEnd(11)} ${verified} of ${files} verified`,
                ...(missing ? [`${missing} not here`] : []),
                ...(different ? [`${different} differ: ${wrong.join(', ')}`] : []),
              ].join(', '),
            );
        if (found.some(({ different }) => different > 0)) process.exitCode = 1;
        else if (id !== undefined && found[0].missing > 0)
          throw new InputError({
            who: `data ${id}`,
            got: `${found[0].missing} of ${found[0].files} files missing`,
            wanted: 'all of them',
            remedy: `lacuna data fetch ${id}`,
          });
      },
    );
}

/** Whether the registry itself holds checksums. */
function pinned({ files }: RegistryEntry): boolean {
  return Object.keys(files).length > 0;
}

function requireAccepted(entry: RegistryEntry, accepted: boolean | undefined): void {
  if (entry.terms !== 'non-commercial' || accepted) return;
  throw new InputError({
    who: `data ${entry.id}`,
    got: 'a licence that nobody accepted',
    wanted: `${termsOf(entry)!}; read it first`,
    remedy: `add --accept-licence${entry.origin.kind === 'by-hand' ? `; ${entry.notes}` : ''}`,
  });
}

async function pinCopy(
  id: string | undefined,
  accepted: boolean | undefined,
  json: boolean | undefined,
): Promise<void> {
  const ids = describedIds.join(' or ');
  if (id === undefined || !describedIds.some((known) => known === id))
    throw new InputError({
      who: 'data verify --pin',
      got: id ?? 'no data set',
      wanted: ids,
      remedy: 'the files of the others are pinned already',
    });
  requireAccepted(registryEntry(id), accepted);
  const tell = progressLine();
  const { folder, files } = await pinFolder(id, { onProgress: tell });
  const count = Object.keys(files).length;
  tell(null);
  console.log(
    json
      ? JSON.stringify({ id, folder, files: count }, null, 2)
      : `${count} files of ${folder} pinned: source: ${id} uses them as long as they stay as they are`,
  );
}

async function verifyCopy(id: string, json: boolean | undefined): Promise<void> {
  const pins = requireUserPins(id);
  const wrong: string[] = [];
  const names = Object.keys(pins.files);
  for (const name of names) await pinnedFile(id, pins, name).catch(() => wrong.push(name));
  const failures = wrong.length > 0 ? `; changed or gone: ${wrong.slice(0, 5).join(', ')}` : '';
  const sentence = `${names.length - wrong.length} of ${names.length} as you pinned them${failures}`;
  console.log(json ? JSON.stringify({ id, files: names.length, wrong }, null, 2) : `${id.padEnd(11)} ${sentence}`);
  if (wrong.length > 0) process.exitCode = 1;
}

function bytesOf({ files }: RegistryEntry): number {
  return Object.values(files).reduce((sum, [, bytes]) => sum + bytes, 0);
}

function size(entry: RegistryEntry): string {
  return !pinned(entry) ? '' : `${(bytesOf(entry) / 1e6).toFixed(1)} MB`;
}

/** One line of `data list`. */
function row(entry: RegistryEntry): string {
  const id = entry.id.padEnd(11);
  const licence = entry.licence.padEnd(16).slice(0, 16);
  return `${id} ${size(entry).padStart(9)}  ${licence}  ${entry.title}${pinned(entry) ? '' : ' (not pinned)'}`;
}

/** What is said of files that have arrived; an archive is unpacked by hand. */
function fetched({ id, origin }: RegistryEntry, count: number): string {
  const files = `${count} file${count === 1 ? '' : 's'} of ${id}, verified`;
  if (origin.kind !== 'addresses') return files;
  return `${files}; unpack below LACUNA_DATA/${id}, then: lacuna data verify ${id} --pin`;
}

/** An entry without the hash of every file. */
function summary({ files, ...entry }: RegistryEntry): object {
  return {
    ...entry,
    pinned: pinned({ ...entry, files }),
    files: Object.keys(files).length,
    bytes: bytesOf({ ...entry, files }),
  };
}

/** Where the files of an entry come from. */
function describeOrigin(entry: RegistryEntry): string {
  const { origin } = entry;
  switch (origin.kind) {
    case 'repository':
      return `${origin.repository} at ${origin.commit}, ${origin.path}`;
    case 'wheel':
      return `the wheel of ${origin.package} ${origin.version} (SHA-256 ${origin.sha256}), ${origin.path}`;
    case 'addresses':
      return `${Object.values(origin.urls).join(', ')} (${origin.page})`;
    default:
      return `${origin.page}, by hand${pinned(entry) ? '' : ': not pinned, no checksums are known here'}`;
  }
}

/** 0.5 x 0.5 x 1 µm: by axis, x first. */
function describePixelSize({ pixelSize }: RegistryEntry): string {
  if (!pixelSize) return 'not recorded';
  const { x, y, z, unit } = pixelSize;
  return `${[x, y, ...(z === undefined ? [] : [z])].join(' x ')} ${unit}`;
}

function describeFiles(entry: RegistryEntry): string {
  if (!pinned(entry)) return 'not pinned';
  return `${Object.keys(entry.files).length}, ${size(entry)}, ${layouts[entry.layout]}`;
}

function describe(entry: RegistryEntry): string {
  const terms = termsOf(entry);
  const lines: [string, string][] = [
    ['title', entry.title],
    ['licence', `${entry.licence}${terms ? `; ${terms}` : ''}`],
    ['by', entry.attribution],
    ['cite', entry.citation],
    ['modality', entry.modality],
    ['pixel size', describePixelSize(entry)],
    ['files', describeFiles(entry)],
    ['from', describeOrigin(entry)],
    ['split', entry.splitAdvice],
    ['notes', entry.notes],
  ];
  return [entry.id, ...lines.map(([name, text]) => `  ${name.padEnd(11)} ${text}`)].join('\n');
}

/** What the files of an entry are, in words. */
const layouts = { stack: 'slices of one volume', images: 'each an image', pair: 'crops of two volumes of one field' };

/** One line of a terminal, written over and over; elsewhere nothing. */
function progressLine(): (text: string | null) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (text) => void process.stderr.write(text === null ? '\r\x1b[K' : `\r\x1b[K${text}`);
}
