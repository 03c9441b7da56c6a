import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A block of code of a page: a new file, or what is added to one. */
export interface PageBlock {
  readonly kind: 'ts' | 'diff';
  /** Path from the root of the repository, as the block's first line says. */
  readonly path: string;
  readonly lines: readonly string[];
}

/** The blocks of a page that name a file of the sources. */
export function blocksOf(page: string): PageBlock[] {
  return [...page.matchAll(/^```(ts|diff)\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, kind, path, text]) => ({
    kind: kind as PageBlock['kind'],
    path,
    lines: text.split('\n').slice(0, -1),
  }));
}

/** A copy of what is built, in a folder: sources and builds of all packages, with the dependencies of this one. */
export function copyWorkspace(folder: string): void {
  const copy = (path: string) => {
    if (existsSync(join(root, path)))
      cpSync(join(root, path), join(folder, path), { recursive: true, preserveTimestamps: true });
  };
  for (const name of ['package.json', 'tsconfig.base.json']) copy(name);
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  for (const place of [...packages, 'experiments'])
    for (const part of ['src', 'dist', 'bin', 'assets', 'package.json', 'tsconfig.json']) copy(join(place, part));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@lacuna'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '@lacuna' && name !== 'mlflow-ts-client' && name !== '.bin')
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  for (const place of packages) {
    const { name } = JSON.parse(readFileSync(join(root, place, 'package.json'), 'utf8')) as { name: string };
    symlinkSync(join(folder, place), join(modules, name));
  }
}

/** Writes a block's file, or adds its lines below the lines that it shows. */
export function applyBlock(folder: string, { kind, path, lines }: PageBlock): void {
  const file = join(folder, path);
  if (kind === 'ts') {
    if (existsSync(file)) throw new Error(`${path} is there already: the page says that it is new`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return;
  }
  const source = readFileSync(file, 'utf8').split('\n');
  let at = -1;
  for (const line of lines.filter((text) => text.trim() !== '')) {
    const text = line.slice(2);
    if (line.startsWith('+ ')) source.splice(++at, 0, text);
    else {
      at = source.indexOf(text, at + 1);
      if (at < 0) throw new Error(`${path} has no line "${text}" below the one before`);
    }
  }
  writeFileSync(file, source.join('\n'));
}
