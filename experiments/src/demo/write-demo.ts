import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError, formatBytes, makeFolder, writeFileAtomic } from '@lacuna/core';
import type { Selection } from '../upscale/located-model.js';
import { locateModel } from '../upscale/locate-model.js';
import { openModel } from '../upscale/open-model.js';
import { describeDemoModel } from './describe-model.js';
import { pageFiles, type PageFile } from './page-files.js';

/** What `lacuna demo` is told besides MODEL and the folder. */
export interface DemoOptions extends Selection {
  /** The numbers of a network that does not say them itself. */
  readonly range: readonly [number, number] | null;
  /** Write into a folder that holds other things. */
  readonly force: boolean;
}

/** A folder that a web server can show. */
export interface WrittenDemo {
  readonly folder: string;
  readonly label: string;
  readonly bytes: number;
}

/** What tells the folder of a demo from others. */
const MARK = 'model.json';

/**
 * Writes a page that enlarges images with a model, whole and without a network: any web server shows the folder.
 * @throws {InputError} for a model that pages do not run, and for a folder that holds anything else.
 */
export async function writeDemo(text: string, folder: string, options: DemoOptions): Promise<WrittenDemo> {
  requireFolder(folder, options.force);
  const model = await openModel(await locateModel(text, options), { range: options.range });
  const description = describeDemoModel(model);
  const own: PageFile[] = [
    ...pageFiles(),
    { path: 'model.onnx', bytes: model.onnx },
    { path: MARK, bytes: Buffer.from(`${JSON.stringify(description, null, 2)}\n`) },
    { path: 'manifest.webmanifest', bytes: Buffer.from(manifestOf(description.label)) },
  ];
  const files = own.map((file) => (file.path === 'service-worker.js' ? withList(file, own) : file));
  for (const { path, bytes } of files) {
    makeFolder(dirname(join(folder, path)));
    writeFileAtomic(join(folder, path), bytes);
  }
  return { folder, label: description.label, bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0) };
}

function requireFolder(folder: string, force: boolean): void {
  if (!existsSync(folder) || force) return;
  const isFolder = statSync(folder).isDirectory();
  if (isFolder && (readdirSync(folder).length === 0 || existsSync(join(folder, MARK)))) return;
  throw new InputError({
    who: '--out',
    got: isFolder ? `${folder}, which holds other files` : `${folder}, a file`,
    wanted: 'a new folder, or that of an earlier demo',
    remedy: isFolder ? 'name another one, or write into it with --force' : 'name another one',
  });
}

const manifestOf = (label: string): string =>
  JSON.stringify({
    name: `Lacuna: ${label}`,
    short_name: 'Lacuna',
    description: 'Enlarges microscope images and reads their network, on this machine alone',
    start_url: './',
    scope: './',
    display: 'standalone',
    background_color: '#ffffff',
    theme_color: '#0072b2',
    icons: [192, 512].map((side) => ({ src: `icon-${side}.png`, sizes: `${side}x${side}`, type: 'image/png' })),
  });

/**
 * The service worker, with the files that it keeps for use without a network and a digest of them: another model or
 * version makes it fetch them anew. The runtime is kept when it is first used: most browsers need one of the two.
 */
function withList(worker: PageFile, files: readonly PageFile[]): PageFile {
  const digest = createHash('sha256');
  for (const { path, bytes } of files) digest.update(path).update(bytes);
  const paths = files.map(({ path }) => path).filter((path) => path !== worker.path && !path.startsWith('ort/'));
  const head = `const VERSION = '${digest.digest('hex').slice(0, 16)}';\nconst FILES = ${JSON.stringify(paths)};\n`;
  return { path: worker.path, bytes: Buffer.from(head + Buffer.from(worker.bytes).toString('utf8')) };
}

/** "41.3 MB". */
export const sizeText = ({ bytes }: WrittenDemo): string => formatBytes(bytes);
